package pdf_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	"plumbline/content"
	"plumbline/reports/model"
	"plumbline/reports/pdf"
	"plumbline/reports/wire"
	"plumbline/testdata/example"
)

func TestLook(t *testing.T) {
	cat, _ := content.Embedded()
	ss, _ := example.Sessions(cat)
	for i, s := range ss {
		d := model.GapReport(s.Snapshot(), wire.Options{Version: "1.0.0", Generated: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), AsOf: example.AsOf})
		var b bytes.Buffer
		a := time.Now()
		if err := pdf.Write(&b, d); err != nil {
			t.Fatal(err)
		}
		fmt.Println(time.Since(a), b.Len())
		a = time.Now()
		if err := pdf.Check(b.Bytes(), d); err != nil {
			t.Error(err)
		}
		fmt.Println(time.Since(a))
		os.WriteFile(fmt.Sprintf("/tmp/pdf/look%d.pdf", i), b.Bytes(), 0o644)
	}
}
