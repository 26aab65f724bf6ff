package content

import (
	"io/fs"
	"testing"
)

// BenchmarkEmbedded measures what the first call of Embedded costs.
func BenchmarkEmbedded(b *testing.B) {
	fsys, err := fs.Sub(embedded, embeddedFolder)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := load(fsys, linked); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLenses measures what the first use of the lenses costs, all of them.
func BenchmarkLenses(b *testing.B) {
	fsys, err := fs.Sub(embedded, embeddedFolder)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c, err := load(fsys, linked)
		if err != nil {
			b.Fatal(err)
		}
		for range c.Lenses() {
		}
	}
}
