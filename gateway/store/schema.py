"""What all tables share: their metadata, names of constraints, and the types of row numbers and instants."""

from sqlalchemy import BigInteger, Float, Integer, MetaData

#: Names for constraints, so that a later migration can address them on both databases.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)

#: 64-bit row numbers; SQLite counts automatically only on a column declared INTEGER.
RowNumber = BigInteger().with_variant(Integer, "sqlite")
Instant = Float(53)
