import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.errors import ScopeRefused
from auth.scopes import LETTERS, PlainScope, SmartScope, covers, parse_scope, parse_scopes, scope_text

letter_sets = st.sets(st.sampled_from(LETTERS), min_size=1).map(lambda s: "".join(x for x in LETTERS if x in s))
filter_sets = st.frozensets(st.sampled_from(["owner=Organization/1", "status=requested", "_tag=x"]))
plain_scopes = st.from_regex(r"[a-z][a-z0-9_-]{0,8}(\.[a-z]{1,8}){0,2}", fullmatch=True).map(PlainScope)
smart_scopes = st.builds(
    SmartScope,
    st.sampled_from(["system", "user", "patient"]),
    st.sampled_from(["Task", "ServiceRequest", "*"]),
    letter_sets,
    filter_sets,
)
scopes = st.one_of(plain_scopes, smart_scopes)
grants = st.lists(scopes, max_size=5)


def granted(text: str, asked: str) -> bool:
    return covers(parse_scopes(text), parse_scope(asked))


@given(scopes)
def test_a_scope_is_read_back_as_it_was_written(scope):
    assert parse_scope(str(scope)) == scope


@given(scopes, grants)
def test_a_scope_is_covered_by_itself_whatever_stands_beside_it(scope, others):
    assert covers([*others, scope], scope)


@given(grants, grants, scopes)
def test_more_grants_never_cover_less(some, more, asked):
    assert not covers(some, asked) or covers([*some, *more], asked)


@given(grants, scopes, scopes)
def test_covering_is_transitive(outer, middle, inner):
    if covers(outer, middle) and covers([middle], inner):
        assert covers(outer, inner)


@given(smart_scopes, letter_sets)
def test_letters_are_covered_exactly_when_they_are_a_part(scope, letters):
    asked = SmartScope(scope.context, scope.resource, letters, scope.filters)
    assert covers([scope], asked) == (set(letters) <= set(scope.letters))


@given(smart_scopes, filter_sets)
def test_a_narrowed_grant_covers_only_what_is_narrowed_at_least_as_much(scope, filters):
    asked = SmartScope(scope.context, scope.resource, scope.letters, filters)
    assert covers([scope], asked) == (scope.filters <= filters)


@given(smart_scopes)
def test_each_letter_may_come_from_another_grant(scope):
    split = [SmartScope(scope.context, scope.resource, letter, scope.filters) for letter in scope.letters]
    assert covers(split, scope)
    assert not covers(split[1:], scope)


@given(st.text(max_size=40))
def test_any_text_is_a_scope_or_is_refused(text):
    try:
        scope = parse_scope(text)
    except ScopeRefused:
        scope = None
    assert scope is None or parse_scope(str(scope)) == scope


@pytest.mark.parametrize(
    ("grant", "asked"),
    [
        ("system/Task.cu", "system/Task.c"),
        ("system/Task.rus", "system/Task.rs"),
        ("system/*.rs", "system/Bundle.r"),
        ("system/*.*", "system/*.cruds"),
        ("system/Task.read", "system/Task.rs"),
        ("system/Task.rs", "system/Task.read"),
        ("system/Task.cud", "system/Task.write"),
        ("system/Task.rs", "system/Task.r?owner=Organization/7"),
        ("system/Task.r?owner=Organization/7", "system/Task.r?status=requested&owner=Organization/7"),
        ("system/Task.r system/Task.u", "system/Task.ru"),
        ("referral.read referral.write", "referral.write"),
    ],
)
def test_a_contained_scope_is_covered(grant, asked):
    assert granted(grant, asked)


@pytest.mark.parametrize(
    ("grant", "asked"),
    [
        ("system/Task.c", "system/Task.cu"),
        ("system/Task.cruds", "system/*.r"),
        ("system/Task.r", "user/Task.r"),
        ("system/Task.r", "system/Bundle.r"),
        ("system/Task.r?owner=Organization/7", "system/Task.r"),
        ("system/Task.r?owner=Organization/7", "system/Task.r?owner=Organization/8"),
        ("referral.read", "referral.write"),
        ("referral.read", "system/Task.r"),
        ("system/*.*", "referral.read"),
        ("", "referral.read"),
    ],
)
def test_a_scope_out_of_bounds_is_not_covered(grant, asked):
    assert not granted(grant, asked)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a b",
        "Referral.write",
        "referral..write",
        ".write",
        'a"b',
        "a\\b",
        "a\nb",
        "چک",
        "a\u0000",
        "system/Task.",
        "system/Task.dus",
        "system/Task.rsu",
        "system/Task.rr",
        "system/Task.x",
        "system/task.r",
        "system/.r",
        "other/Task.r",
        "system/Task",
        "system/Task.r?",
        "system/Task.r?owner",
        "system/Task.r?owner=",
        "/Task.r",
        "system/Task.r?owner=1&",
        "system/Task.r?_include=Task:owner",
        "system/Task.r?_elements=id",
        "system/**.r",
        "system/Task.READ",
        "referral.write\n",
    ],
)
def test_a_malformed_scope_is_refused(text):
    with pytest.raises(ScopeRefused):
        parse_scope(text)


def test_a_list_keeps_its_order_and_drops_repeats():
    assert scope_text(parse_scopes("b  a b system/Task.read system/Task.rs")) == "b a system/Task.rs"


def test_an_endless_list_is_refused():
    with pytest.raises(ScopeRefused):
        parse_scopes("a " * 2000)
