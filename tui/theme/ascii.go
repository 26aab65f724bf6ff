package theme

import "strings"

var toASCII = strings.NewReplacer(
	"–", "-", "—", "-", "…", "...", "“", `"`, "”", `"`, "‘", "'", "’", "'",
	"↑ ↓", "up down", "↑", "up", "↓", "down", "←", "left", "→", "->", "≥", ">=", "≤", "<=", "×", "x", "Σ", "sum of", "·", "-", "›", ">", "−", "-", "•", "*", "✓", "ok",
)
