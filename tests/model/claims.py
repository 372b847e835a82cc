"""What volunteers take up (domain.md, section 4): a lease, its end, and who confirms what was done. The department's clock runs on."""


class Claim:
    """What a volunteer took up: open, then finished and confirmed, or handed back, expired, dropped because the case ended first."""

    def __init__(self, volunteer, at, lease):
        self.volunteer, self.at, self.lease = volunteer, at, lease
        self.state, self.finished, self.confirmed, self.confirmed_by = "open", None, None, None

    @property
    def under_way(self):
        return self.state in ("open", "finished")


def do_claim(town, case, at, body, who):
    """The case stays with its department, whose clock runs on."""
    case.opens("claim", at)
    case.claims.append(Claim(who.name, at, case.deadlines[-1]))
    town.claims.append(case.claims[-1])


def do_finish_claim(town, case, at, body, who):
    case.meets(at, "claim")
    case.claim.finished, case.claim.state = at, "finished"


def do_hand_back_claim(town, case, at, body, who):
    case.meets(at, "claim")
    case.claim.state = "handed_back"


def do_confirm_claim(town, case, at, body, who):
    case.claim.confirmed, case.claim.confirmed_by = at, town.signs(who, case, "confirm_claim")
    case.claim.state = "confirmed"
