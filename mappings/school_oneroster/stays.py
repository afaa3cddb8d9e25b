"""A roster becomes one tree for each stay: a pupil's user, enrolment, demographics, and what they point to.

A pupil with two enrolments is two trees, for a canonical record holds one stay; a pupil without an enrolment is one.
Who is known as somebody else than a pupil, and what belongs to nobody, is put beside the first tree, where no rule
reads it, so that the account names it as left over.
"""

from __future__ import annotations

from typing import Any

from mappings.engine.trees import Node
from mappings.school_oneroster.csv_objects import COLLECTIONS, pointed
from mappings.school_oneroster.marking import mark_demographics, mark_user

_STUDENT = "student"


class Roster:
    """The objects of one document, found by their identifiers."""

    def __init__(self, tree: Node) -> None:
        self.tree = tree
        self.index: dict[str, dict[str, Node]] = {
            name: {str(node.get("sourcedId")): node for node in tree.get(name, ())} for name in COLLECTIONS
        }
        self.roles: dict[str, list[Node]] = {}
        for row in tree.get("roles", ()):
            self.roles.setdefault(pointed(row.get("user")), []).append(row)
        self.used: set[int] = set()

    def stays(self) -> list[Node]:
        """Return one tree for each stay of each pupil, in the order of the document."""
        trees = [self._stay(enrollment) for enrollment in self.tree.get("enrollments", ()) if _of_pupil(enrollment)]
        trees += [self._pupil(user) for user in self.tree.get("users", ()) if self._lone_pupil(user)]
        users = self.index["users"]
        for node in self.tree.get("demographics", ()):
            if id(node) not in self.used and str(node.get("sourcedId")) not in users:
                trees.append(self._assembled({"demographics": node}))
        if trees:
            trees[0]["others"] = self._others()
        return trees

    def _lone_pupil(self, user: Node) -> bool:
        return id(user) not in self.used and any(role.get("role") == _STUDENT for role in self._roles_of(user))

    def _roles_of(self, user: Node) -> list[Node]:
        told: list[Node] = [role for role in user.get("roles", ()) if isinstance(role, dict)]
        places = user.get("orgs") or [None]
        old: list[Node] = [{"role": user["role"], "org": org} for org in places] if "role" in user else []
        return [*told, *self.roles.get(str(user.get("sourcedId")), ()), *old]

    def _stay(self, enrollment: Node) -> Node:
        pupil = pointed(enrollment.get("user"))
        parts = {
            "users": self.index["users"].get(pupil),
            "enrollments": enrollment,
            "demographics": self.index["demographics"].get(pupil),
            "orgs": self.index["orgs"].get(pointed(enrollment.get("school"))),
            "classes": self.index["classes"].get(pointed(enrollment.get("class"))),
        }
        return self._assembled(parts, student=_placed(enrollment, "user"), school=_placed(enrollment, "school"))

    def _pupil(self, user: Node) -> Node:
        parts = {"users": user, "demographics": self.index["demographics"].get(str(user.get("sourcedId")))}
        roles = self._roles_of(user)
        places = (_placed(role, "org", at=f"{user['$at']}/roles/{index}") for index, role in enumerate(roles))
        school = next((p for role, p in zip(roles, places, strict=True) if p and role.get("role") == _STUDENT), None)
        school = school or _placed(user, "primaryOrg")
        parts["orgs"] = self.index["orgs"].get(pointed(school))
        return self._assembled(parts, school=school)

    def _assembled(self, parts: dict[str, Any], *, student: Any = None, school: Any = None) -> Node:
        """Return the tree of the parts that are there, each marked for the rules."""
        there: dict[str, Node] = {name: node for name, node in parts.items() if node is not None}
        for node in there.values():
            self.used.add(id(node))
        tree: Node = {name: [dict(node)] for name, node in there.items()}
        if "users" in tree:
            mark_user(tree["users"][0])
            tree["roles"] = self._rows_of(tree["users"][0])
        elif student is not None:
            tree["$student"] = student
        elif "demographics" in tree:
            tree["$student"] = mark_demographics(tree["demographics"][0])
        if school is not None:
            tree["$school"] = school
        stamped = next(node for name in ("enrollments", "users", "demographics") for node in tree.get(name, ()))
        if "dateLastModified" in stamped:
            tree["$stamp"] = {"$at": stamped["$at"], "dateLastModified": stamped["dateLastModified"]}
        self._session(tree)
        return tree

    def _rows_of(self, user: Node) -> list[Node]:
        rows = self.roles.get(str(user.get("sourcedId")), [])
        self.used.update(id(row) for row in rows)
        return rows

    def _session(self, tree: Node) -> None:
        """Add the academic year of the stay: the session of that type above its class's terms, or else the term.

        Where the class is not in the document, the only academic year of the document is meant.
        """
        sessions = self.index["academicSessions"]
        terms = [pointed(term) for node in tree.get("classes", ()) for term in node.get("terms", ())]
        chain = _chain(sessions, terms) if "classes" in tree else list(sessions.values())
        years = [session for session in chain if session.get("type") == "schoolYear"]
        if "classes" not in tree and ("enrollments" not in tree or len(years) != 1):
            return
        for session in (years or chain)[:1]:
            tree["academicSessions"] = [dict(session)]
            self.used.add(id(session))
            for enrollment in tree.get("enrollments", ()):
                enrollment["$session"] = True

    def _others(self) -> list[Node]:
        nodes = [node for name in (*COLLECTIONS, "roles") for node in self.tree.get(name, ())]
        return [node for node in nodes if id(node) not in self.used]


def _chain(sessions: dict[str, Node], terms: list[str]) -> list[Node]:
    """Return the sessions a list of identifiers names, and those above them."""
    chain: dict[str, Node] = {}
    while terms:
        name = terms.pop(0)
        if name in sessions and name not in chain:
            chain[name] = sessions[name]
            terms.append(pointed(sessions[name].get("parent")))
    return list(chain.values())


def _placed(node: Node, name: str, at: str = "") -> Node | None:
    """Return a reference of an object with its place in what was sent, or none."""
    reference = node.get(name)
    return {"$at": f"{node.get('$at', at)}/{name}", **reference} if isinstance(reference, dict) else None


def _of_pupil(enrollment: Node) -> bool:
    return bool(enrollment.get("role") == _STUDENT)
