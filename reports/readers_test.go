package reports_test

import (
	"archive/zip"
	"bytes"
	stdcsv "encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"plumbline/assessment"
	"plumbline/reports"
	"plumbline/reports/csv"
)

// words returns the text of a report as a reader finds it that is not ours: of HTML, of rendered
// Markdown, of the strings of JSON, of the cells of CSV and XLSX, of the runs of DOCX, of the pages of
// PDF. It reports whether there is such a reader here.
func words(t *testing.T, k reports.Kind, f reports.Format, data []byte) (string, bool) {
	t.Helper()
	switch reports.Extension(k, f) {
	case "html":
		return text(parsed(t, data)), true
	case "md":
		return text(render(t, data)), true
	case "csv":
		var b strings.Builder
		for _, row := range cells(t, data) {
			for _, c := range row {
				b.WriteString(assessment.UnprotectFormula(c) + "\n")
			}
		}
		return b.String(), true
	case "xlsx":
		return sheetWords(t, data), true
	case "docx":
		return documentWords(t, part(t, data, "word/document.xml")), true
	case "pdf":
		return pageWords(t, data)
	case "zip":
		var b strings.Builder
		for _, name := range []string{"assessment-plan.json", "assessment-results.json", "poam.json", "profile.json"} {
			b.WriteString(jsonWords(t, part(t, data, name), true))
		}
		return b.String(), true
	default: // JSON; texts of OSCAL are Markdown
		return jsonWords(t, data, f == reports.OSCAL), true
	}
}

func cells(t *testing.T, data []byte) [][]string {
	t.Helper()
	rows, err := stdcsv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte(csv.BOM)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func sheetWords(t *testing.T, data []byte) string {
	t.Helper()
	var b strings.Builder
	book, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for _, name := range book.GetSheetList() {
		rows, err := book.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			b.WriteString(strings.Join(row, "\n") + "\n")
		}
	}
	return b.String()
}

// part returns an entry of a ZIP file.
func part(t *testing.T, data []byte, name string) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := archive.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// documentWords returns the text of the runs of a word-processing document.
func documentWords(t *testing.T, data []byte) string {
	t.Helper()
	var b strings.Builder
	d := xml.NewDecoder(bytes.NewReader(data))
	inText := false
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			inText = tok.Name.Local == "t"
			if tok.Name.Local == "br" || tok.Name.Local == "p" {
				b.WriteByte('\n')
			}
		case xml.EndElement:
			inText = false
		case xml.CharData:
			if inText {
				b.Write(tok)
			}
		}
	}
}

// pageWords returns the text of a PDF, read by pdftotext where there is one.
func pageWords(t *testing.T, data []byte) (string, bool) {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		return "", false
	}
	file := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "-raw", "-enc", "UTF-8", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out), true
}

// jsonWords returns the strings of a JSON document, rendered where they are Markdown.
func jsonWords(t *testing.T, data []byte, markdown bool) string {
	t.Helper()
	var b strings.Builder
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		s, ok := tok.(string)
		switch {
		case !ok:
		case markdown && strings.ContainsAny(s, "\\\n"):
			b.WriteString(text(render(t, []byte(s))) + "\n")
		default:
			b.WriteString(s + "\n")
		}
	}
}

// Whatever people wrote, every format of every kind checks, and says as much of it as the others of
// that kind: what HTML shows, DOCX and Markdown show; what CSV holds, XLSX holds. PDF shows what its
// font can show.
func TestHostileEverywhere(t *testing.T) {
	const id = "00000000-0000-4000-8000-000000000002"
	for seed := range 3 {
		at := make(map[string]string)
		for i, field := range fields {
			at[field] = hostile[(i*len(hostile)/len(fields)+seed)%len(hostile)] + " (" + field + ")"
		}
		s := wordy(t, id, func(field string) string { return at[field] })
		o := options()
		o.Against = wordy(t, id, func(field string) string { return "before " + field })
		shown := make(map[reports.Format]string)
		for _, k := range reports.Kinds() {
			if seed > 0 && (k == reports.Interview || k == reports.EvidenceRequests) {
				continue // they are long and hold few of the fields
			}
			clear(shown)
			for _, f := range reports.Formats(k) {
				name := fmt.Sprintf("seed %d, %s, %s", seed, k, f)
				data := writeKind(t, k, f, s, o)
				if err := reports.Check(k, f, data, s, o); err != nil {
					t.Errorf("%s does not check: %v", name, err)
				}
				if reports.IsText(k, f) {
					quiet(t, f, data)
				}
				if found, ok := words(t, k, f, data); ok {
					shown[f] = flat(found)
				}
			}
			for _, pair := range [][2]reports.Format{
				{reports.HTML, reports.DOCX}, {reports.HTML, reports.Markdown}, {reports.CSV, reports.XLSX},
			} {
				for _, field := range fields {
					want := flat(asCleaned(at[field]))
					if strings.Contains(shown[pair[0]], want) && !strings.Contains(shown[pair[1]], want) {
						t.Errorf("seed %d, %s: %s shows %s, %s does not: %q", seed, k, pair[0], field, pair[1], clip(want))
					}
				}
			}
			if len(shown) == 0 {
				t.Errorf("nothing was read of the kind %s", k)
			}
		}
	}
}
