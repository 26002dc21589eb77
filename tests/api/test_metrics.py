"""What the server counts, as Prometheus reads it."""

import time

from resedge_test.fleet import API
from resedge_test.prometheus import families, samples, series
from resedge_test.wait import until

DURATION = "resedge_http_request_duration_seconds"


def scraped(client):
    return samples(client.request("GET", "/metrics").body.decode())


def answered(values, route, method, code):
    return values.get(series("resedge_http_requests_total", route=route, method=method, code=str(code)))


def test_requests_are_counted_by_route_method_and_status(admin):
    admin.get(f"{API}/jobs")
    for _ in range(2):
        admin.request("GET", f"{API}/jobs/99")
    admin.request("GET", "/nothing")
    admin.request("BREW", "/nothing")
    admin.request("PUT", f"{API}/jobs")
    values = scraped(admin)
    assert answered(values, "/api/v1/jobs", "GET", 200) == 1
    assert answered(values, "/api/v1/jobs/{id}", "GET", 404) == 2 and answered(values, "/api/v1/jobs/{id}", "GET", 200) is None
    assert answered(values, "none", "GET", 404) == 1 and answered(values, "none", "OTHER", 404) == 1
    assert answered(values, "/api/v1/jobs", "PUT", 405) == 1 and answered(values, "none", "PUT", 405) is None


def test_no_series_comes_twice_whatever_the_methods_of_a_path(api, admin):
    """Prometheus drops what comes twice, and newer ones the whole scrape."""
    admin.request("POST", f"{API}/groups", {"name": "stores"})
    admin.request("POST", f"{API}/groups", {"nmae": "x"})
    for method in ("GET", "GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        admin.request(method, f"{API}/groups")
        admin.request(method, "/nothing")
    for method in ("GET", "PATCH", "DELETE"):
        admin.request(method, f"{API}/groups/1", {"name": "shops"} if method == "PATCH" else None)
    assert api.client().request("GET", f"{API}/groups").status == 401  # answered before there is a call
    found = families(admin.request("GET", "/metrics").body.decode())
    values = found[DURATION].samples
    for method, count in (("GET", 3), ("HEAD", 1), ("POST", 2)):
        assert values[series(f"{DURATION}_count", route=f"{API}/groups", method=method)] == count
        assert values[series(f"{DURATION}_bucket", route=f"{API}/groups", method=method, le="+Inf")] == count
    counted = {}
    for (_, labels), value in found["resedge_http_requests_total"].samples.items():
        route = frozenset(label for label in labels if label[0] != "code")
        counted[route] = counted.get(route, 0) + value
    assert counted == {labels: value for (name, labels), value in values.items() if name == f"{DURATION}_count"}


def test_they_tell_of_requests_database_queue_and_fleet(start_api):
    api = start_api("--read-connections", "3")
    admin = api.client("admin")
    admin.post(f"{API}/apply", {"targets": [{"name": "west", "url": "/srv/git/west.git"}], "groups": [{"name": "stores"}, {"name": "beta"}]})
    values = scraped(admin)
    assert values[series("resedge_db_up")] == 1 and values[series("resedge_fleet_revision")] == 1
    assert values[series("resedge_db_connections", lane="read")] == 3 and values[series("resedge_db_connections_ready", lane="read")] == 3
    assert values[series("resedge_db_query_duration_seconds_count", lane="write")] >= 1
    assert values[series("resedge_fleet_objects", noun="group")] == 2 and values[series("resedge_fleet_objects", noun="target")] == 1
    assert values[series("resedge_queue_targets_open")] == 1 and values[series("resedge_queue_targets_parked")] == 0
    assert values[series("resedge_http_requests_in_flight")] == 1 and values[series("resedge_http_connections")] >= 1
    assert values[series("process_resident_memory_bytes")] > 1 << 20 and time.time() - values[series("process_start_time_seconds")] < 60
    assert [labels for name, labels in values if name == "resedge_build_info" and dict(labels)["version"]]
    oldest = series("resedge_queue_oldest_seconds")
    until(lambda: scraped(admin)[oldest] > values[oldest] >= 0, "the work grows older")
