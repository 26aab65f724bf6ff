package reports

import (
	"bytes"
	"os"
	"plumbline/content"
	"plumbline/testdata/example"
	"testing"
	"time"
)

func TestZZ(t *testing.T) {
	cat, _ := content.Embedded()
	ss, err := example.Sessions(cat)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range ss {
		sn := s.Snapshot()
		o := Options{}
		o.Version = "0.1.0"
		o.Generated = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
		for _, f := range Formats(Gap) {
			var b bytes.Buffer
			if err := Write(&b, Gap, f, sn, o); err != nil {
				t.Fatal(err)
			}
			if err := Check(f, b.Bytes(), sn, o); err != nil {
				t.Error(err)
			}
			os.WriteFile("/tmp/probe/r"+string(rune('0'+i))+"."+string(f), b.Bytes(), 0644)
			t.Log(f, b.Len(), FileName(sn, Gap, f))
		}
	}
}
