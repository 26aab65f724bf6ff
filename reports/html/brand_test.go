package html_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"plumbline/reports/html"
	"plumbline/reports/model"
)

func write(t *testing.T, b model.Brand) string {
	t.Helper()
	var out bytes.Buffer
	if err := html.Write(&out, model.Document{Lang: "en-US", Title: "Gap report", Organization: `O "&" Sons`, Session: "S", Brand: b}); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(bytes.NewReader(out.Bytes()))
	d.Entity = xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return out.String()
		} else if err != nil {
			t.Fatalf("the page is no XML: %v\n%s", err, out.String())
		}
	}
}

func TestBrand(t *testing.T) {
	logo := []byte("\x89PNG pixels+/")
	page := write(t, model.Brand{Logo: logo, Accent: "#1f4e79"})
	for _, want := range []string{
		`<img class="logo" src="data:image/png;base64,` + strings.ReplaceAll(base64.StdEncoding.EncodeToString(logo), "+", "&#43;") + `" alt="Logo of O &#34;&amp;&#34; Sons"/>`,
		":root { --deep: #1f4e79; --accent: #1f4e79; }",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("lacks %s:\n%s", want, page[strings.Index(page, "</style>")-400:])
		}
	}
	// Without a brand nothing of it is there.
	for _, not := range []string{"<img", ".logo", "--deep: #1f4e79"} {
		if page := write(t, model.Brand{}); strings.Contains(page, not) {
			t.Errorf("the plain look has %s", not)
		}
	}
	if page := write(t, model.Brand{Accent: "#1f4e79"}); strings.Contains(page, "<img") {
		t.Error("an image without a logo")
	}
	// What is no color can not leave its place in the style sheet, wherever it came from.
	for _, accent := range []string{"#000; } body { display: none", "red</style><script>", "url(https://x.invalid)", "expression(1)"} {
		page := write(t, model.Brand{Accent: accent})
		if strings.Contains(page, "display: none }") || strings.Contains(page, "<script") || strings.Contains(page, "x.invalid") || strings.Contains(page, "expression(") {
			t.Errorf("accent %q reached the page", accent)
		}
	}
}
