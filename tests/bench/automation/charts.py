"""Two charts as SVG, without anything else: readable on light and on dark pages."""

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 300, 64, 40, 40, 24

STYLE = """<style>
text{font:12px sans-serif;fill:#444}.title{font-size:14px}.axis{stroke:#888}.grid{stroke:#8884}.line{stroke:#2a6fb0;fill:none;stroke-width:2}
.dot{fill:#2a6fb0}.ideal{stroke:#c05020;fill:none;stroke-dasharray:5 4}
@media (prefers-color-scheme:dark){text{fill:#ccc}}
</style>"""

COLOURS = ("#2a6fb0", "#5aa469", "#d8a23a", "#c05020", "#8a5fb0", "#5f8a99")


def _text(x, y, text, anchor="start", kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{text}</text>'


def _svg(parts, height=HEIGHT):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">{STYLE}' + "".join(parts) + "</svg>\n")


def _nice(top):
    """A round number not below top."""
    step = 10 ** (len(str(int(top * 1000))) - 4)
    for factor in (1, 2, 2.5, 5, 10, 20, 25, 50):
        if step * factor >= top:
            return step * factor
    return top


def scaling(points, path):
    """points: (clusters, seconds). The dashed line is the largest one's cost per cluster."""
    most, top = max(x for x, _ in points), _nice(max(y for _, y in points) * 1.05)

    def at(x, y):
        return (LEFT + (WIDTH - LEFT - RIGHT) * x / most, HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * y / top)

    parts = [_text(LEFT, 20, "First render to commit: seconds of the processor by clusters (17 files each)", kind="title")]
    for i in range(5):
        _, y = at(0, top * i / 4)
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>' + _text(LEFT - 8, y + 4, f"{top * i / 4:g}", "end"))
    largest = max(points)
    (x0, y0), (x1, y1) = at(0, 0), at(*largest)
    parts.append(f'<line class="axis" x1="{x0}" y1="{y0}" x2="{WIDTH - RIGHT}" y2="{y0}"/><line class="ideal" x1="{x0}" y1="{y0}" x2="{x1:.1f}" y2="{y1:.1f}"/>')
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in sorted(points)))
    parts.append(f'<polyline class="line" points="{line}"/>')
    for clusters, seconds in sorted(points):
        x, y = at(clusters, seconds)
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' + _text(x, y - 10, f"{seconds:.2f} s", "end" if clusters == most else "middle"))
        parts.append(_text(x, HEIGHT - BOTTOM + 18, f"{clusters // 1000}k", "middle"))
    path.write_text(_svg(parts))


def phases(rows, path):
    """rows: (label, [(phase, seconds)])."""
    height = TOP + 46 * len(rows) + 44
    most = max(sum(seconds for _, seconds in row) for _, row in rows)
    names = list(dict.fromkeys(name for _, row in rows for name, _ in row))
    parts = [_text(16, 20, "Where the time goes (share of each)", kind="title")]
    for i, (label, row) in enumerate(rows):
        total, x, y = sum(seconds for _, seconds in row) or most, 16.0, TOP + 46 * i
        parts.append(_text(16, y + 12, f"{label}: {total:.2f} s"))
        for name, seconds in row:
            width = (WIDTH - 32) * seconds / total
            colour = COLOURS[names.index(name) % len(COLOURS)]
            parts.append(f'<rect x="{x:.1f}" y="{y + 18}" width="{width:.1f}" height="16" fill="{colour}"><title>{name} {seconds:.3f} s</title></rect>')
            x += width
    x = 16.0
    for name in names:
        colour = COLOURS[names.index(name) % len(COLOURS)]
        parts.append(f'<rect x="{x}" y="{height - 26}" width="12" height="12" fill="{colour}"/>' + _text(x + 18, height - 16, name))
        x += 30 + 8 * len(name)
    path.write_text(_svg(parts, height))
