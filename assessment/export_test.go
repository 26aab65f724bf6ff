package assessment

// What the tests of the package's outside need of its inside.

// Chain numbers and links an event as Do does.
func Chain(e Event, head Head) (Event, Head, error) { return chain(e, head) }

// CheckBrand judges a brand as it is judged when it is read from a store.
func CheckBrand(b Brand) error { return b.check() }

// ContrastOnWhite is the contrast of 0xRRGGBB on white.
func ContrastOnWhite(rgb uint32) float64 { return contrastOnWhite(rgb) }
