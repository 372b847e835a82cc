"""Figures as of now are read from what the clock sums up: it is what the facts say."""

from support.database import look_into
from support.world import World


def test_what_the_clock_sums_up_is_what_the_facts_say_after_a_restart_and_a_step_back(new_site, cluster):
    site = new_site()
    daemon, db = site.daemon(), look_into(cluster, site.name)
    town = World(daemon)

    def same(summed_up):
        assert summed_up == db.value("select (sums_for(%s, instant)).community is not null from clock", daemon.community)
        for by in ("department", "category", "building", "day"):
            now = town.supervisor.get("/v1/figures", {"by": by}).json
            then = town.supervisor.get("/v1/figures", {"by": by, "as_of": now["as_of"]}).json
            for shown, counted in zip([now, *now["groups"]], [then, *then["groups"]], strict=True):
                for name, figure in shown["figures"].items():
                    assert {**figure, "cases": None} == {**counted["figures"][name], "cases": None}, (by, name)

    site.clock.to("10:00")
    for status in ("answered", "need_info", "rejected", "closed"):
        town.complaint(status)
    late = town.complaint("assigned")
    site.clock.advance(minutes=2)
    same(summed_up=True)
    daemon.stop()
    daemon.start()
    site.clock.advance(hours=25)
    town.officer.answers(late)
    same(summed_up=True)
    site.clock.advance(minutes=-30)  # before the answer, and before the moment that the sums are of
    same(summed_up=False)
    town.complaint("answered")
    late.reporter.redoes(late)
    site.clock.advance(minutes=40)
    same(summed_up=True)
    assert daemon.verify()[0] == 0
    db.connection.close()
