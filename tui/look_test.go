package tui

import (
	"fmt"
	"io/fs"
	"os"
	"testing"
)

var errExist = fs.ErrExist

func TestLook(t *testing.T) {
	if os.Getenv("LOOK") == "" {
		t.Skip()
	}
	for _, size := range [][2]int{{80, 24}, {140, 45}, {170, 50}} {
		b := start(t, exampleStore(t), size[0], size[1])
		fmt.Println(b.screen())
		b.keys("<enter>")
		fmt.Println(b.screen())
		b.keys("/pr.aa-05/s<enter>")
		fmt.Println(b.screen())
		b.keys("<pgdown>")
		fmt.Println(b.screen())
		b.keys("D")
		fmt.Println(b.screen())
		b.keys("G")
		fmt.Println(b.screen())
		b.keys("R")
		fmt.Println(b.screen())
		b.keys("?")
		fmt.Println(b.screen())
	}
}
