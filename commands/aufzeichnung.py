"""!aufzeichnung: whether webinars are recorded."""

from commands import Context, command


@command(
    "ob aufgezeichnet wird",
    example="!aufzeichnung",
    aliases=("aufzeichnungen", "video", "videos", "aufnahme", "aufnahmen", "mitschnitt"),
)
async def aufzeichnung(ctx: Context) -> str:
    """What the organisers decided for this course."""
    if ctx.course.recording == "nein":
        return (
            "Die Webinare werden nicht aufgezeichnet, damit alle offen sprechen können.\n"
            "Verpasst? !material zeigt Folien und Aufgaben."
        )
    return (
        "Aufgezeichnet wird nur mit Einwilligung aller, und nur für begrenzte Zeit.\n"
        "Was es gerade gibt, sagt die Lehrgangsleitung: !orga\n"
        "Folien und Aufgaben: !material"
    )
