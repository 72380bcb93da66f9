"""Charts drawn on the server as SVG: geometry and classes, colours come from the style sheet or from `drawing.standalone`."""
