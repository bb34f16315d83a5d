"""Projects that people in a small justice department would really run, for the demo."""

from __future__ import annotations

NAMES = ("title", "problem", "beneficiaries", "hypothesis")

PROJECTS: list[dict[str, str]] = [
    dict(zip(NAMES, answers, strict=True))
    for answers in (
        (
            "Plain words in order letters",
            "Young people and their parents ring us because the letter does not tell them what they must do and when.",
            "Young people on an order, their parents, and the youth offending teams who take the calls",
            "If the first three lines say what to do, where and when, calls about the letter fall by a third.",
        ),
        (
            "Text reminders for first appointments",
            "One in five first appointments is missed, and a missed one starts a breach that nobody wanted.",
            "Young people, case managers and the courts that hear the breaches",
            "A text two days before and one in the morning halves missed first appointments.",
        ),
        (
            "Travel costs for families who visit",
            "Families do not know that help with fares exists, and those who do fill in the same form at every visit.",
            "Families of young people in custody",
            "One form for a year and a page that works out the fare brings more visits from far away.",
        ),
        (
            "Remand beds on one page",
            "Placement staff ring round six places each evening to learn who has a bed.",
            "Placement officers, escorts and young people who wait in court cells",
            "A shared page that each place updates at five saves an hour an evening and shortens waits.",
        ),
        (
            "First week pack for case managers",
            "New case managers learn where things are by asking whoever sits nearest.",
            "New staff and the people they interrupt",
            "A pack of ten short answers lets a new starter take a case a week earlier.",
        ),
        (
            "How hard is our guidance to read?",
            "Guidance for youth offending teams has a reading age of nineteen by our own count.",
            "Practitioners, and the young people they explain it to",
            "Rewriting the five most read pages to a reading age of twelve cuts questions to the help desk.",
        ),
        (
            "Night handover on a board",
            "What happened at night reaches the day team by memory.",
            "Night staff, day staff and the young people in their care",
            "A board with six headings means that no medicine or visit is missed at the change of shift.",
        ),
        (
            "Care leavers as mentors",
            "Nobody who has been in custody is in the room when we design services for people in custody.",
            "Young people about to leave custody",
            "Four paid mentors find the three things that go wrong on the first day out.",
        ),
        (
            "Old laptops for secure schools",
            "Good laptops are scrapped while classrooms share one between four.",
            "Teachers and pupils in secure schools",
            "Sixty wiped laptops a year cost less than disposal and let every pupil write alone.",
        ),
        (
            "One calendar of inspections",
            "Three inspectors visit the same place in the same month and ask for the same papers.",
            "Establishments, and the inspectors themselves",
            "If the visits show on one calendar, at least one in four is moved or joined with another.",
        ),
        (
            "What happens in the first month out",
            "We count who comes back to custody, not what happened in the weeks before.",
            "Resettlement workers and the young people they meet",
            "A diary kept by twenty volunteers shows which of housing, money and school fails first.",
        ),
        (
            "Transfer requests in one form",
            "A transfer needs four forms that ask for the same name, date of birth and offence.",
            "Case managers and placement officers",
            "One form that fills the others saves forty minutes a transfer and one error in three.",
        ),
        (
            "Serious incidents as open data",
            "Each team writes up incidents in its own way, so nobody can see a pattern.",
            "Safeguarding boards, researchers and the public",
            "Ten agreed fields show within two quarters where and when harm happens most.",
        ),
        (
            "Visit guides in six languages",
            "Visitors who read little English are turned away for want of the right papers.",
            "Families who visit, and gate staff",
            "A guide with pictures in six languages halves the number turned away.",
        ),
    )
]
