"""Lists: filters, orders, pages, selected and expanded members, membership; as JSON, NDJSON and CSV."""

import base64
import csv
import http.client
import io
import json
import urllib.parse

import pytest

from resedge_test import servers
from resedge_test.fleet import API, cluster, load, names, target

CLUSTERS = [
    cluster("c-1", "/stores/central", "/beta", environment="Prod", store="0101", tags=["blue", "new"], state="active",
            metadata={"region": "central", "size": "5"}, timeZone="America/Chicago",
            location={"latitude": 30.25, "longitude": -97.75}, capacity={"memoryLimit": 2048, "cpuLimit": 1.5}),
    cluster("c-2", "/stores/central", environment="Test", tags=["blue"], state="planned", metadata={"region": "central"},
            description="It's the second, 100%"),
    cluster("c-3", "/stores/west", environment="Prod", state="closed", metadata={"region": "west", "size": "12"}, tags=["a,b", "-5"],
            capacity={"cpuLimit": 4}),
    cluster("central", "/stores/west", "/beta", store="=1+2", metadata={"note": "blue", "formula": "=HYPERLINK(\"x\")", "quote": "'=1", "number": "-5"}),
]


@pytest.fixture(scope="module")
def fleet(postgres, template_database, tmp_path_factory):
    """A client of a fleet that nobody here changes."""
    database = postgres.create_database(template_database)
    api = servers.Api(tmp_path_factory.mktemp("lists"), postgres.url(database)).start()
    admin = api.client("admin")
    load(admin, targets=[target("main")],
         groups=[{"name": "stores"}, {"name": "central", "parent": "/stores"}, {"name": "west", "parent": "/stores"},
                 {"name": "beta", "priority": 5}, {"name": "tagged", "expression": "/t/blue"}],
         policies=[{"name": "quiet", "path": "policies/quiet", "tags": ['all "x"; b\\s, (y']}],
         namespaces=[{"name": "web", "expression": "/g/beta", "businessUnit": "shops", "owners": ["ann", "bob"],
                      "policies": ["quiet"], "capacity": {"memoryLimit": 100}},
                     {"name": "db", "expression": "/g/stores/central"}],
         applications=[{"name": "shop", "namespace": "web", "path": "apps/shop", "releases": [{"version": "2.0.0", "expression": "/t/new"}]},
                       {"name": "cart", "namespace": "web", "path": "apps/cart"}, {"name": "mysql", "namespace": "db", "path": "apps/mysql"},
                       {"name": "idle", "path": "apps/idle"}],
         clusters=CLUSTERS)
    yield admin
    api.check_ended_well()
    postgres.drop_database(database)


def query(path, **options):
    """A path with options as a client would encode them: top=5 is $top=5."""
    return f"{API}/{path}?" + urllib.parse.urlencode({f"${name}": value for name, value in options.items()})


def filtered(client, noun, text, **more):
    return names(client.get(query(noun, filter=text, **{"orderby": "name", **more})))


# ---- filters ----

@pytest.mark.parametrize("text, found", [
    ("name eq 'c-1'", "c-1"), ("name ne 'c-1'", "c-2 c-3 central"), ("name gt 'c-2'", "c-3 central"), ("name le 'c-2'", "c-1 c-2"),
    ("id ge 3", "c-3 central"), ("id in (1, 3,99)", "c-1 c-3"), ("name in ('c-1','it''s')", "c-1"),
    ("state in ('planned','closed')", "c-2 c-3"), ("environment eq null", "central"), ("environment ne null", "c-1 c-2 c-3"),
    ("environment in (null,'Test')", "c-2 central"), ("environment ne 'Prod'", "c-2 central"),
    ("not (environment eq 'Prod')", "c-2 central"), ("not environment eq 'Prod'", "c-2 central"), ("environment gt 'Prod'", "c-2"),
    ("not (environment gt 'A')", "central"), ("environment eq 'Prod' and state eq 'active' or name eq 'c-2'", "c-1 c-2"),
    ("environment eq 'Prod' and (state eq 'active' or name eq 'c-2')", "c-1"), ("startswith(name,'c-')", "c-1 c-2 c-3"),
    ("endswith(name, '2')", "c-2"), ("contains(name,'entr')", "central"), ("contains(description,'100%')", "c-2"),
    ("contains(description,'it')", ""), ("contains(description,'It''s')", "c-2"), ("not contains(name,'-')", "central"),
    ("contains(name,'-') eq false", "central"), ("contains(state,'cl')", "c-3"), ("tags/any(t: t eq 'blue')", "c-1 c-2"),
    ("tags/any(t: startswith(t, 'ne'))", "c-1"), ("tags/any()", "c-1 c-2 c-3"), ("not tags/any()", "central"),
    ("tags/all(t: t eq 'blue')", "c-2 central"), ("tags/any(t:t eq 'a,b' or t eq 'new')", "c-1 c-3"),
    ("metadata/any(m: m/key eq 'region' and m/value eq 'central')", "c-1 c-2"), ("metadata/any(m: m/value eq 'west' and m/key eq 'region')", "c-3"),
    ("metadata/any(m: m/key eq 'size')", "c-1 c-3"), ("metadata/any(m: m/value eq 'blue')", "central"),
    ("not metadata/any(m: m/key eq 'region')", "central"), ("metadata/any(m: m/key eq 'size' and m/value gt '2')", "c-1"),
    ("metadata/region eq 'west'", "c-3"), ("metadata/region ne 'west'", "c-1 c-2 central"), ("metadata/size eq null", "c-2 central"),
    ("groups/any(g: startswith(g,'/stores'))", "c-1 c-2 c-3 central"), ("groups/any(g: g eq '/beta')", "c-1 central"),
    ("groupIds/any(g: g eq 5)", "c-3 central"), ("target eq 'main'", "c-1 c-2 c-3 central"), ("target eq 'none'", ""),
    ("not (target eq 'none')", "c-1 c-2 c-3 central"), ("targetId eq 1 and gitOpsBranch eq 'main'", "c-1 c-2 c-3 central"),
    ("location eq null", "c-2 c-3 central"), ("capacity ne null", "c-1 c-3"), ("not (capacity eq null) and location ne null", "c-1"),
    ("location/latitude gt 30", "c-1"), ("location/longitude lt -97.5", "c-1"), ("location/latitude eq null", "c-2 c-3 central"),
    ("capacity/memoryLimit ge 2048", "c-1"), ("capacity/cpuLimit gt 1", "c-1 c-3"), ("capacity/memoryLimit eq null", "c-2 c-3 central"),
    ("createdAt gt 2020-01-01", "c-1 c-2 c-3 central"), ("createdAt lt 2020-01-01T00:00:00Z", ""), ("updatedAt ge '2020-01-01T00:00:00.5Z'", "c-1 c-2 c-3 central"),
    ("version eq 1 and createdBy eq 'admin'", "c-1 c-2 c-3 central"), ("timeZone eq 'America/Chicago'", "c-1"), ("store eq '0101'", "c-1"),
    ("", "c-1 c-2 c-3 central"),
])
def test_a_filter_finds_the_clusters_that_it_says(fleet, text, found):
    assert filtered(fleet, "clusters", text) == found.split()


@pytest.mark.parametrize("noun, text, found", [
    ("groups", "namePath eq '/stores/west'", "west"), ("groups", "parent eq '/stores'", "central west"), ("groups", "parentId eq null", "beta stores tagged"),
    ("groups", "priority eq 5", "beta"), ("groups", "expression ne null", "tagged"), ("namespaces", "owners/any(o: o eq 'ann')", "web"),
    ("namespaces", "policies/any(p: p eq 'quiet')", "web"), ("namespaces", "policyIds/any(p: p eq 2)", ""), ("namespaces", "not enforceCapacity", "db web"),
    ("namespaces", "businessUnit eq 'shops' and enforceCapacity eq false", "web"), ("namespaces", "enforceCapacity", ""),
    ("applications", "namespace eq 'web'", "cart shop"), ("applications", "namespace eq null", "idle"), ("applications", "namespace ne 'web'", "idle mysql"),
    ("applications", "releases/any(r: r/version eq '2.0.0' and contains(r/expression,'new'))", "shop"), ("applications", "releases/any()", "shop"),
    ("applications", "startswith(fluxName,'my')", "mysql"), ("applications", "startswith(namespace,'w')", "cart shop"),
    ("targets", "paused eq false and pushIntervalSeconds eq 10 and guard/clustersLosing lt 2.5", "main"), ("targets", "folderPattern eq 'flat'", ""),
    ("policies", "contains(path,'quiet')", "quiet"), ("metadataKeys", "type eq 'enum' and values/any(v: v eq 'a')", ""),
])
def test_every_noun_is_filtered_by_its_own_fields(fleet, noun, text, found):
    assert filtered(fleet, noun, text) == found.split()


@pytest.mark.parametrize("text, position, said", [
    ("nam eq 'x'", 0, 'Did you mean "name"'), ("name eq beta", 8, "expected a text in single quotes"), ("name eq", 7, "but the filter ends"),
    ("name == 'x'", 5, ""), ("name equals 'x'", 5, "expected an operator"), ("name eq 'x", 8, "closing quote"), ("id eq 'x'", 6, "whole number"),
    ("id eq 1.5", 6, "whole number"), ("createdAt gt 5", 13, "a time such as"), ("location/latitud gt 5", 9, 'Did you mean "latitude"'),
    ("location gt 5", 0, "no single value"), ("tags eq 'x'", 0, "tags/any"), ("tags/any(t: t eq 5)", 17, "text in single quotes"),
    ("tags/any(t: x eq 'a')", 12, 'no field "x"'), ("name/any(t: t eq 'a')", 0, "has one value"), ("state eq 'activ'", 9, 'Did you mean "active"'),
    ("contain(name,'x')", 0, 'Did you mean "contains"'), ("contains(id,'x')", 9, "is text"), ("name gt null", 8, "eq and ne only"),
    ("contains(tolower(name),'x')", 9, 'no function "tolower"'), ("capacity eq 5", 0, "with null"),
    ("(name eq 'x'", 12, '")"'), ("name eq 'x')", 11, "or the end"), ("name eq 'x' name", 12, "or the end"), ("not", 3, "but the filter ends"),
    ("metadata/any(m: m eq 'x')", 16, '"key" or its "value"'), ("metadata/any(m: m/kee eq 'x')", 18, 'Did you mean "key"'), ("id in ()", 7, "whole number"),
    ("tags/any(t: tags/any(u: u eq t))", 12, "within another"), ("(" * 40 + "id eq 1", 32, "levels deep"), (" or ".join(["id eq 1"] * 101), 1100, "comparisons"),
])
def test_a_bad_filter_is_refused_with_the_place_and_what_was_expected(fleet, text, position, said):
    problem = fleet.refused(400, "GET", query("clusters", filter=text))
    assert (problem["object"], problem["position"]) == ('query parameter "$filter"', position)
    assert said in problem["detail"] + problem.get("hint", "")


def test_the_options_may_come_without_their_dollar_and_with_a_slash_before(fleet):
    """As the commands of older tools have it."""
    assert names(fleet.get(f'{API}/clusters/?search="central"&orderby=name')) == ["c-1", "c-2", "central"]
    assert fleet.get(f"{API}/groups?filter=name+eq+'beta'&select=id,name,namePath,clustersTree")["value"] == [
        {"id": 2, "name": "beta", "namePath": "/beta", "clustersTree": "/api/v1/clusters/1,/api/v1/clusters/4"}]
    [c1] = fleet.get(f"{API}/clusters?$filter=id%20eq%201&$select=name&$expand=namespaces($expand=applications($select=name);$select=name)")["value"]
    assert c1 == {"name": "c-1", "namespaces": [{"name": "web", "applications": [{"name": "shop"}, {"name": "cart"}]},
                                                {"name": "db", "applications": [{"name": "mysql"}]}]}


@pytest.mark.parametrize("path, said", [
    ("clusters?limit=5", "$top"), ("clusters?page=2", "@odata.nextLink"), ("groups?sort=name", "$orderby"), ("clusters?labelSelector=a", "$filter"),
    ("clusters?$fliter=x", "$filter"), ("audit?user=kim", "actor"), ("clusters/1?top=1", "select")])
def test_a_parameter_that_a_list_does_not_have_is_refused_with_the_one_that_is_meant(fleet, path, said):
    assert said in fleet.refused(400, "GET", f"{API}/{path}")["hint"]


def test_a_name_with_slashes_that_took_the_rest_of_the_path_is_told(fleet):
    for path in ("groups/name:/stores/clusters", "applications/name:web/shop/clusters"):
        assert "%2F" in fleet.refused(404, "GET", f"{API}/{path}")["hint"]
    assert fleet.get(f"{API}/groups/name:%2Fstores/clusters")["@odata.count"] == 3


def test_a_search_finds_names_tags_and_metadata_values(fleet):
    assert names(fleet.get(query("clusters", search="blue"))) == ["c-1", "c-2", "central"]
    assert names(fleet.get(query("clusters", search="5"))) == ["c-1"]
    assert names(fleet.get(query("clusters", search="lue"))) == []


def test_a_quote_within_a_phrase_that_is_searched_for_has_a_backslash_before_it(fleet):
    for phrase in (r'"all \"x\"; b\\s, (y"', r'"all \"x\"; b\s, (y"', r' "all \"x\"; b\\s, (y" ', r'all "x"; b\s, (y'):
        assert names(fleet.get(query("policies", search=phrase))) == ["quiet"], phrase
    for phrase in (r'"all', r'"x\"', r'"x\\\"', '"blue" "new"', '"blue" or "new"'):
        problem = fleet.refused(400, "GET", query("clusters", search=phrase))
        assert problem["object"] == 'query parameter "$search"' and "closing" in problem["detail"], phrase
    assert fleet.refused(400, "GET", query("clusters", search='"a"b"'))["position"] == 3


@pytest.mark.parametrize("phrase", [r'"all \"x\"; b\\s, (y"', r' "all \"x\"; b\s, (y"  '])
def test_a_phrase_within_an_expansion_may_hold_what_ends_options_elsewhere(fleet, phrase):
    for options in (f"$search={phrase};$select=name", f"$select=name;$search={phrase}"):
        [web] = fleet.get(query("namespaces", filter="name eq 'web'", expand=f"policies({options}),applications($search=shop)"))["value"]
        assert (web["policies"], names({"value": web["applications"]})) == ([{"name": "quiet"}], ["shop"])
    assert "quotes" in fleet.refused(400, "GET", query("groups", expand='clusters($search="a)'))["detail"]


@pytest.mark.parametrize("text, count", [("id gt 0", 4), ("id gt 1", 3), ("id gt 9", 0), ("tags/any(t: t eq 'blue')", 2)])
def test_the_count_is_that_of_all_pages_whatever_this_one_holds(fleet, text, count):
    for top in range(6):
        page = fleet.get(query("clusters", filter=text, top=top))
        assert (len(page["value"]), page["@odata.count"]) == (min(top, count), count)
        assert fleet.get(query("clusters", filter=text, top=top, skip=3))["@odata.count"] == count
        while page.get("@odata.nextLink"):
            page = fleet.get(page["@odata.nextLink"])
            assert page["@odata.count"] == count


# ---- order, pages ----

@pytest.mark.parametrize("order, found", [
    ("name desc", "central c-3 c-2 c-1"), ("environment,name desc", "central c-3 c-1 c-2"), ("environment desc, name asc", "c-2 c-1 c-3 central"),
    ("metadata/size", "c-2 central c-3 c-1"), ("capacity/cpuLimit desc", "c-3 c-1 c-2 central"), ("state desc,id", "c-2 c-3 c-1 central"),
    ("id desc,name", "central c-3 c-2 c-1"), ("location/latitude,createdAt,targetId,target,version,description,updatedBy desc", "c-3 central c-2 c-1"),
])
def test_an_order_holds_across_pages_whatever_their_size(fleet, order, found):
    if "description" in order:
        found = "c-3 central c-2 c-1"
    for top in (1, 2, 3, 10):
        seen, path = [], query("clusters", orderby=order, top=top, select="name")
        while path:
            page = fleet.get(path)
            assert page["@odata.count"] == 4
            seen += names(page)
            path = page.get("@odata.nextLink")
        assert seen == found.split()


def test_a_link_to_the_next_page_keeps_the_other_options(fleet):
    page = fleet.get(query("clusters", filter="groups/any(g: startswith(g,'/stores'))", top=1, select="name", expand="target($select=name)",
                           count="false", orderby="name desc"))
    assert page == {"value": [{"name": "central", "target": {"name": "main"}}], "@odata.nextLink": page["@odata.nextLink"]}
    page = fleet.get(page["@odata.nextLink"])
    assert page["value"] == [{"name": "c-3", "target": {"name": "main"}}]
    assert "@odata.count" not in page


def test_pages_stay_what_they_were_while_objects_come_and_go(admin):
    load(admin, targets=[target()], clusters=[cluster(f"c-{number:02}", state="planned") for number in range(20)])
    page = admin.get(query("clusters", top=5, orderby="name"))
    admin.delete(f"{API}/clusters/name:c-04")
    admin.delete(f"{API}/clusters/name:c-05")
    admin.post(f"{API}/clusters", cluster("a-new"))
    admin.post(f"{API}/clusters", cluster("c-06b"))
    assert names(admin.get(page["@odata.nextLink"])) == ["c-06", "c-06b", "c-07", "c-08", "c-09"]


def test_a_place_in_a_list_is_good_for_that_list_only(fleet):
    link = fleet.get(query("clusters", top=1, orderby="name"))["@odata.nextLink"]
    token = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["$skiptoken"][0]
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for other in (query("groups", top=1, orderby="name", skiptoken=token), query("clusters", top=1, skiptoken=token),
                  query("clusters", top=1, orderby="name", filter="id gt 1", skiptoken=token),
                  query("clusters", top=1, orderby="name", skiptoken=token[:-1]), query("clusters", orderby="name", skiptoken=""),
                  query("clusters", orderby="name", skiptoken=base64.urlsafe_b64encode(raw.replace(b"c-1", b"c-2")).decode().rstrip("="))):
        assert fleet.refused(400, "GET", other)["object"] == 'query parameter "$skiptoken"'
    assert names(fleet.get(query("clusters", top=9, orderby="name", skiptoken=token))) == ["c-2", "c-3", "central"]


def test_no_rows_still_have_a_count(fleet):
    assert fleet.get(query("clusters", top=0)) == {"value": [], "@odata.count": 4}
    assert fleet.get(query("clusters", skip=9)) == {"value": [], "@odata.count": 4}


# ---- select and expand ----

def test_selected_members_are_as_in_the_whole(fleet):
    whole = fleet.get(f"{API}/clusters/1")
    some = fleet.get(query("clusters", filter="id eq 1", select="capacity, groups,groupIds,target,targetId,metadata,state"))["value"]
    assert some == [{name: whole[name] for name in ("capacity", "groups", "groupIds", "target", "targetId", "metadata", "state")}]
    assert fleet.get(query("clusters/1", select="name")) == {"name": "c-1"}
    assert fleet.get(query("clusters/1", select="*")) == whole


@pytest.mark.parametrize("path, found", [
    (query("applications", filter="name eq 'shop'", select="name", expand="namespace($select=name,id)"), {"name": "shop", "namespace": {"id": 1, "name": "web"}}),
    (query("applications", filter="name eq 'idle'", select="name", expand="namespace"), {"name": "idle", "namespace": None}),
    (query("applications", filter="name eq 'cart'", select="name", expand="clusters($select=name;$orderby=name desc)"),
     {"name": "cart", "clusters": [{"name": "central"}, {"name": "c-1"}]}),
    (query("groups", filter="name eq 'stores'", select="name", expand="clusters($select=name;$top=1;$skip=1),parent"),
     {"name": "stores", "clusters": [{"name": "c-2"}], "parent": None}),
    (query("groups", filter="name eq 'west'", select="name", expand="parent($select=namePath),clusters($filter=state eq 'closed';$select=name)"),
     {"name": "west", "parent": {"namePath": "/stores"}, "clusters": []}),
    (query("namespaces", filter="name eq 'web'", select="name", expand="policies($select=path),applications($select=name;$orderby=name),clusters($select=name)"),
     {"name": "web", "policies": [{"path": "policies/quiet"}], "applications": [{"name": "cart"}, {"name": "shop"}], "clusters": [{"name": "c-1"}, {"name": "central"}]}),
    (query("clusters", filter="id eq 4", select="name,groupIds", expand="groups($select=namePath;$orderby=namePath),applications($select=name;$filter=name ne 'cart')"),
     {"name": "central", "groupIds": [2, 5], "groups": [{"namePath": "/beta"}, {"namePath": "/stores/west"}], "applications": [{"name": "shop"}]}),
])
def test_an_object_brings_along_what_it_is_asked_to(fleet, path, found):
    assert fleet.get(path)["value"] == [found]


@pytest.mark.parametrize("expand, position, said", [
    ("spaces", 0, "no \"spaces\""), ("namespace", 0, 'Did you mean "namespaces"'), ("namespaces($selct=name)", 11, 'Did you mean $select'),
    ("namespaces($select=nam)", 19, 'Did you mean "name"'), ("namespaces($filter=name eq 5)", 27, "single quotes"), ("namespaces(", 11, "match"),
    ("groups,groups", 7, "twice"), ("namespaces($expand=applications($expand=namespace))", 32, "levels deep"), ("namespaces($select)", 11, "an option such as"),
    ("namespaces($count=true)", 11, "$count can't stand within $expand"), ("namespaces($top=1;$count=true)", 18, "the list of their own"),
    ("namespaces($skiptoken=x)", 11, "There are $filter"), ("namespaces($levels=2)", 11, "no $levels within $expand"),
])
def test_a_bad_expand_is_refused_with_the_place(fleet, expand, position, said):
    problem = fleet.refused(400, "GET", query("clusters", expand=expand))
    assert said in problem["detail"] + problem.get("hint", "")
    assert (problem["object"], problem["position"]) == ('query parameter "$expand"', position)


def test_an_answer_holds_ten_thousand_expanded_objects_at_most(admin):
    load(admin, targets=[target()], groups=[{"name": f"g-{number}"} for number in range(11)],
         clusters=[cluster(f"c-{number}", *(f"/g-{group}" for group in range(11))) for number in range(1000)])
    assert admin.refused(400, "GET", query("groups", expand="clusters($select=id)"))["object"] == 'query parameter "$expand"'
    assert len(admin.get(query("groups", top=10, expand="clusters($select=id)"))["value"][0]["clusters"]) == 1000
    assert [len(group["clusters"]) for group in admin.get(query("groups", expand="clusters($select=id;$top=2)"))["value"]] == [2] * 11
    stream = admin.request("GET", query("groups", expand="clusters($select=id)"), headers={"Accept": "application/x-ndjson"})
    assert [len(json.loads(line)["clusters"]) for line in stream.body.splitlines()] == [1000] * 11
    load(admin, groups=[{"name": "g-11"}], clusters=[cluster(f"d-{number}", "/g-11") for number in range(10001)])
    assert admin.refused(400, "GET", query("groups", filter="id eq 12", expand="clusters($select=id)"), headers={"Accept": "application/x-ndjson"})["object"] == 'query parameter "$expand"'
    with pytest.raises(http.client.IncompleteRead):  # what stands before it has gone out already
        admin.request("GET", query("groups", filter="id ge 11", expand="clusters($select=id)"), headers={"Accept": "application/x-ndjson"})


def test_one_object_has_an_etag_unless_something_is_expanded(fleet):
    whole = fleet.request("GET", f"{API}/groups/2")
    for path, status in ((f"{API}/groups/2", 304), (query("groups/2", select="name"), 304), (query("groups/2", expand="clusters"), 200),
                         (query("groups/2", select="clustersTree"), 200)):
        answer = fleet.request("GET", path, headers={"If-None-Match": f'W/"x", {whole.etag}'})
        assert (answer.status, answer.etag) == (status, whole.etag if status == 304 else None), path
    assert names({"value": fleet.get(query("groups/2", expand="clusters($select=name)"))["clusters"]}) == ["c-1", "central"]
    fleet.refused(400, "GET", query("groups/2", filter="id eq 4"))


# ---- membership ----

def test_the_clusters_of_something_are_a_list_like_any_other(fleet):
    assert fleet.get(f"{API}/groups/name:%2Fstores/clusters")["value"] == [{"id": number, "name": name} for number, name in
                                                                            ((1, "c-1"), (2, "c-2"), (4, "central"))]
    page = fleet.get(query("groups/1/clusters", top=2, select="name,store", filter="id ne 3", orderby="store desc"))
    assert page["value"] == [{"name": "central", "store": "=1+2"}, {"name": "c-1", "store": "0101"}]
    assert fleet.get(page["@odata.nextLink"]) == {"value": [{"name": "c-2", "store": None}], "@odata.count": 3}
    assert fleet.get(f"{API}/namespaces/2/clusters")["@odata.count"] == 2
    assert [name for name, in rows(fleet, query("applications/2/clusters", select="name"))] == ["name", "c-1", "central"]
    assert fleet.request("GET", query("namespaces/name:web/clusters", select="name"), headers={"Accept": "application/x-ndjson"}).body == \
        b'{"name":"c-1"}\n{"name":"central"}\n'


# ---- whole tables ----

def rows(client, path):
    answer = client.request("GET", path, headers={"Accept": "text/csv"})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8; header=present")
    assert answer.body.endswith(b"\r\n")
    return list(csv.reader(io.StringIO(answer.body.decode(), newline=""), strict=True))


def test_a_table_has_the_computed_column_that_was_selected_too(fleet):
    whole = {group["name"]: group["clustersTree"] for group in fleet.get(query("groups", select="name,clustersTree"))["value"]}
    assert rows(fleet, query("groups", select="name,clustersTree")) == [["name", "clustersTree"], *map(list, whole.items())]
    assert rows(fleet, query("groups", select="clustersTree", filter="name eq 'beta'")) == [["clustersTree"], [whole["beta"]]]
    assert "," in whole["beta"]


def test_a_stream_of_lines_is_the_whole_list(fleet):
    answer = fleet.request("GET", f"{API}/clusters", headers={"Accept": "application/x-ndjson"})
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert answer.revision == 1
    assert [json.loads(line) for line in answer.body.splitlines()] == fleet.get(f"{API}/clusters")["value"]
    answer = fleet.request("GET", query("clusters", filter="id gt 1", orderby="id desc", select="id", top=2, skip=1),
                           headers={"Accept": "text/csv;q=0.5, application/x-ndjson"})
    assert answer.body == b'{"id":3}\n{"id":2}\n'
    answer = fleet.request("GET", query("clusters", filter="id gt 9"), headers={"Accept": "application/x-ndjson"})
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("path", [
    query("clusters", expand="groups($select=name),target", orderby="name desc"), query("groups", expand="clusters($select=name;$top=1),parent", select="name"),
    query("clusters", expand="namespaces($expand=applications($select=name);$select=name)", select="id", skip=1, top=2),
    query("applications/2/clusters", expand="groups"), query("clusters", expand="groups", filter="id gt 9")])
def test_a_stream_of_lines_expands_as_a_page_does(fleet, path):
    answer = fleet.request("GET", path, headers={"Accept": "application/x-ndjson"})
    assert [json.loads(line) for line in answer.body.splitlines()] == fleet.get(path)["value"]
    problem = fleet.refused(400, "GET", path, headers={"Accept": "text/csv"})
    assert problem["object"] == 'query parameter "$expand"' and "x-ndjson" in problem["hint"]


def test_a_table_has_a_column_for_each_field_and_each_key(fleet):
    header, *lines = rows(fleet, query("clusters", orderby="name"))
    assert header == ["id", "name", "description", "environment", "tags", "metadata.formula", "metadata.note", "metadata.number", "metadata.quote", "metadata.region", "metadata.size",
                      "state", "store", "target", "timeZone", "groups", "capacity.memoryLimit", "capacity.cpuLimit", "location.latitude",
                      "location.longitude", "gitOpsRepo", "gitOpsBranch", "version", "createdAt", "updatedAt", "createdBy", "updatedBy"]
    first, second, third, last = (dict(zip(header, line, strict=True)) for line in lines)
    assert (first["tags"], first["groups"], first["capacity.cpuLimit"], first["location.longitude"]) == ("blue;new", "/beta;/stores/central", "1.5", "-97.75")
    assert (second["description"], second["store"], second["metadata.size"]) == ("It's the second, 100%", "", "")
    assert (third["capacity.memoryLimit"], third["metadata.size"]) == ("", "12")
    assert last["name"] == "central"
    assert rows(fleet, query("clusters", filter="id eq 1", select="name,metadata,targetId")) == [
        ["name", "metadata.region", "metadata.size", "targetId"], ["c-1", "central", "5", "1"]]


def test_no_cell_of_a_table_is_a_formula_to_a_spreadsheet(fleet):
    header, line = rows(fleet, query("clusters", filter="name eq 'central'", select="store,metadata"))
    assert dict(zip(header, line, strict=True)) == {"store": "'=1+2", "metadata.formula": "'=HYPERLINK(\"x\")", "metadata.note": "blue",
                                                     "metadata.quote": "''=1", "metadata.number": "-5"}


@pytest.mark.parametrize("accept, form", [
    ("*/*", "application/json"), ("text/*", "text/csv"), ("text/html,application/*;q=0.9,*/*;q=0.8", "application/json"),
    ("application/json;q=0.1, application/x-ndjson;q=0.2", "application/x-ndjson"), ("application/json;q=0, */*", "application/x-ndjson"),
    ("TEXT/CSV; header=present", "text/csv"),
])
def test_the_form_is_the_one_that_the_client_likes_best(fleet, accept, form):
    answer = fleet.request("GET", f"{API}/groups", headers={"Accept": accept})
    assert (answer.status, answer.headers["Content-Type"].split(";")[0]) == (200, form)


def test_a_form_that_is_not_there_is_not_acceptable(fleet):
    assert "text/csv" in fleet.refused(406, "GET", f"{API}/groups", headers={"Accept": "text/html"})["hint"]
    fleet.refused(406, "GET", f"{API}/groups/1", headers={"Accept": "text/csv"})


@pytest.mark.parametrize("method, path, body, form, other", [
    ("GET", "audit?top=1", None, "text/csv", "text/html"), ("GET", "changes?since=0", None, "application/json", "application/x-ndjson"),
    ("GET", "export", None, "application/yaml", "text/csv"), ("GET", "export", None, "application/json", "application/xml"),
    ("POST", "expressions/evaluate", {"expression": "all"}, "application/json", "text/plain"),
    ("GET", "snapshot", None, "application/x-ndjson", "application/json"), ("GET", "events", None, None, "application/json")])
def test_what_comes_in_other_media_types_than_accept_has_is_406(fleet, method, path, body, form, other):
    problem = fleet.refused(406, method, f"{API}/{path}", body, headers={"Accept": other})
    assert (form or "text/event-stream") in problem["hint"]
    for accept in (form, f"{form.partition('/')[0]}/*", "*/*", f"{other}, */*;q=0.1") if form else ():
        assert fleet.request(method, f"{API}/{path}", body, headers={"Accept": accept}).status == 200, accept


@pytest.mark.parametrize("path", ["clusters/01", "clusters/001/values", "groups/01/clusters", "groups/+1"])
def test_an_object_has_one_url_by_its_id(fleet, path):
    assert "name:" in fleet.refused(404, "GET", f"{API}/{path}")["hint"]


@pytest.mark.parametrize("path, parameter, said", [
    ("clusters?$top=+1", "$top", "whole number"), ("clusters?$skip=%201", "$skip", "whole number"), ("clusters?$search=%22east", "$search", "closing"),
    ("clusters?$search=%22", "$search", "closing"), ("jobs?target=edgy", "target", "no target"), ("jobs?target=99", "target", "no target"),
    ("jobs?target=name:nope", "target", "no target"), ("audit?from=2026-11-26", "from", "Write it as 2026-11-26T00:00:00Z."),
    ("audit?to=yesterday", "to", "T00:00:00Z"), ("audit?from=2026-11-26T00:00:01Z&to=2026-11-26T00:00:00Z", "from", "later than to"),
    ("audit?noun=thing", "noun", "no noun"), ("audit?$orderby=at", "$orderby", "newest first"), ("clusters?$top=2000", "$top", "at most"),
    ("audit?revision=x", "revision", "whole number"), ("export?foo=1", "foo", "No query parameters"), ])
def test_a_parameter_that_says_nothing_that_can_be_is_refused(fleet, path, parameter, said):
    problem = fleet.refused(400, "GET", f"{API}/{path}")
    assert (problem["object"], "field" in problem) == (f'query parameter "{parameter}"', False)
    assert said in problem["detail"] + problem.get("hint", ""), problem


def test_a_table_can_be_applied_again(fleet, start_api):
    table = fleet.request("GET", f"{API}/clusters", headers={"Accept": "text/csv"}).body
    assert fleet.request("POST", f"{API}/apply", table, headers={"Content-Type": "text/csv"}).json["unchanged"] == 4
    copy = start_api().client("admin")
    load(copy, targets=[target("main")], groups=fleet.get(f"{API}/export")["groups"])
    assert copy.request("POST", f"{API}/apply", table, headers={"Content-Type": "text/csv"}).json["created"] == {"clusters": 4}
    assert copy.get(f"{API}/export")["clusters"] == fleet.get(f"{API}/export")["clusters"]


def test_what_is_on_a_cluster_says_why(fleet):
    answer = fleet.get(f"{API}/clusters/name:c-1/applications")
    assert answer["@odata.count"] == 3
    shop = next(item for item in answer["value"] if item["application"] == "shop")
    assert (shop["version"], shop["releaseExpression"], shop["expression"], shop["groups"]) == ("2.0.0", "/t/new", "/g/beta", ["/beta"])


def test_pages_have_connections_of_their_own_which_the_metrics_show(fleet):
    fleet.get(f"{API}/clusters")
    metrics = fleet.request("GET", "/metrics").body.decode()
    assert 'resedge_db_connections_ready{lane="list"} 4\n' in metrics
    assert 'resedge_db_query_duration_seconds_count{lane="list"} 0\n' not in metrics
