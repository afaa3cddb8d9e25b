import subprocess
import sys

PROBE = """
import sys
import auth.endpoint, auth.keyfiles, auth.verifier
for name in sorted({module.split(".")[0] for module in sys.modules}):
    print(name)
"""


def test_the_package_loads_no_web_framework_no_database_and_no_other_room():
    answer = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    loaded = set(answer.stdout.split())
    assert "authlib" in loaded
    strangers = "fastapi starlette httpx requests sqlalchemy pydantic gateway adapters mappings conformance"
    assert not loaded & set(strangers.split())
