"""The week and the approvals queue in the browser."""

from __future__ import annotations

from datetime import date, timedelta

from tests.factories.people import Team
from tests.factories.projects import ProjectFactory
from tithe.kernel import clock
from tithe.kernel.calendar import monday_of


def test_all_pages(app, client):
    team = Team()
    project = ProjectFactory(owner_id=team.owner.id, owner=None)
    monday = monday_of(clock.today()) - timedelta(days=7)
    client.sign_in(team.owner)
    for path in [
        "/",
        "/weeks",
        f"/weeks/{monday}",
        "/projects",
        "/projects/new",
        f"/projects/{project.id}",
        f"/projects/{project.id}/edit",
        "/allowance",
    ]:
        page = client.get(path)
        assert page.status == 200, (path, page.text)
    r = client.post(
        f"/weeks/{monday}", {"version": "0", f"m-{project.id}-{monday}": "1h 30", "action": "submit"}
    )
    assert r.status == 303, r.text
    assert client.get(f"/weeks/{monday}").status == 200
    client.sign_in(team.manager)
    page = client.get("/approvals")
    assert page.status == 200
    box = page.value("weeks")
    assert client.get("/approvals/" + box.split(":")[0]).status == 200
    r = client.post("/approvals", {"weeks": box})
    assert r.status == 303, r.text
    client.sign_in(team.hr)
    page = client.get("/reports/utilisation")
    assert page.status == 200, page.text
    assert client.get("/reports/utilisation.csv").status == 200
    assert client.get("/nowhere").status == 404


def test_api(app, api):
    team = Team()
    monday = monday_of(clock.today()) - timedelta(days=7)
    a = api.as_(team.owner)
    r = a.post("/projects", {"title": "T", "problem": "P", "beneficiaries": "B", "hypothesis": "H"})
    assert r.status_code == 201, r.json
    pid = r.json["id"]
    r = a.put(
        f"/weeks/{monday}",
        {"entries": [{"date": str(monday), "project_id": pid, "minutes": 60, "note": "x"}]},
    )
    assert r.status_code == 200, r.json
    r = a.post(f"/weeks/{monday}/submit")
    assert r.status_code == 200, r.json
    m = api.as_(team.manager)
    r = m.get("/approvals")
    w = r.json["weeks"][0]
    r = m.post(f"/approvals/{w['id']}", {"decision": "approve", "version": w["version"]})
    assert r.status_code == 200, r.json
    r = m.post(f"/approvals/{w['id']}", {"decision": "approve", "version": w["version"]})
    assert r.status_code == 409, r.json
    h = api.as_(team.hr)
    r = h.get("/reports/utilisation")
    assert r.status_code == 200, r.json
    print(r.json)
    r = a.put(f"/weeks/{monday}", {"entries": [], "x": 1})
    print(r.status_code, r.json)
    print(api.get("/approvals").json, a.get("/openapi.json").status_code)
