package ooxml

import (
	"fmt"

	"plumbline/reports/chart"
	"plumbline/reports/model"
)

// Look is how a tone is set: the fill behind a text, "" for none, and the color of the text, both as
// RRGGBB.
type Look struct{ Fill, Ink string }

// Tones lists the tones that have a look.
var Tones = [...]model.Tone{
	model.Level0, model.Level1, model.Level2, model.Level3,
	model.Band0, model.Band1, model.Band2, model.Band3, model.Band4, model.Warning,
}

// LookOf returns the look of a tone; the zero Look for none. Text on every fill has a contrast of at
// least 4.5:1, which a test holds.
func LookOf(t model.Tone) Look {
	dark := func(c chart.Color) Look { return Look{Hex(c), Hex(chart.White)} }
	light := func(c chart.Color) Look { return Look{Hex(c), Hex(chart.Ink)} }
	switch t {
	case model.Level0:
		return dark(chart.Levels[0])
	case model.Level1:
		return light(chart.Levels[1])
	case model.Level2:
		return light(chart.Levels[2])
	case model.Level3:
		return dark(chart.Levels[3])
	case model.Band0:
		return dark(chart.Shades[0])
	case model.Band1:
		return light(chart.Shades[1])
	case model.Band2:
		return light(chart.Shades[2])
	case model.Band3:
		return light(chart.Shades[3])
	case model.Band4:
		return dark(chart.Shades[4])
	case model.Warning:
		return Look{Ink: "8F2D1B"}
	}
	return Look{}
}

// Hex writes a color as RRGGBB.
func Hex(c chart.Color) string {
	r, g, b, _ := c.RGB()
	return fmt.Sprintf("%02X%02X%02X", r, g, b)
}
