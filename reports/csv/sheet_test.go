package csv_test

import (
	"bytes"
	stdcsv "encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/csv"
	"plumbline/reports/model"
	"plumbline/reports/wire"
	"plumbline/testdata/example"
)

var update = flag.Bool("update", false, "write the golden files anew; read them before they count")

func baseline(t *testing.T) (*assessment.Snapshot, wire.Options) {
	t.Helper()
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := example.Sessions(cat)
	if err != nil {
		t.Fatal(err)
	}
	return sessions[0].Snapshot(), wire.Options{
		Version: "0.0.0-test", Generated: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), AsOf: example.AsOf,
	}
}

func write(t *testing.T, s model.Sheet, delimiter rune) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := csv.WriteSheet(&b, s, delimiter); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The registers of the worked example, as CSV.
func TestGoldenSheets(t *testing.T) {
	s, o := baseline(t)
	for kind, w := range map[string]model.Workbook{
		"plan": model.PlanWorkbook(s, o), "evidence-requests": model.EvidenceRequestsWorkbook(s, o),
		"interview": model.InterviewWorkbook(s, o), "profile": model.ProfileWorkbook(s, o),
	} {
		t.Run(kind, func(t *testing.T) {
			sheet, ok := w.Register()
			if !ok {
				t.Fatal("no sheet is the register")
			}
			got := write(t, sheet, 0)
			file := filepath.Join("../../docs/examples", "northwater-health-2026-baseline-"+kind+".csv")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs (go test ./reports/csv -update writes it anew)", file)
			}
			if err := csv.CheckSheet(got, sheet, 0); err != nil {
				t.Error(err)
			}
		})
	}
}

// The worst that a cell can hold, and how it reads back.
func TestHostileSheet(t *testing.T) {
	sheet := model.Sheet{Name: "S", Columns: []model.SheetColumn{{Title: "item_id"}, {Title: "=1+1"}, {Title: "n"}}}
	for _, text := range []string{
		"=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "'=x", "''", "＝1", "\ttab", " =x", "a\nb", "a \"quoted\" word", ";", ",", "", "–", "שלום", "👩‍💻", "_x0041_",
	} {
		sheet.Rows = append(sheet.Rows, []model.Value{{Text: "GV.OC-01/secure"}, {Text: text}, {IsInt: true}})
	}
	for _, d := range []rune{0, ',', ';', '\t'} {
		data := write(t, sheet, d)
		if err := csv.CheckSheet(data, sheet, d); err != nil {
			t.Errorf("delimiter %q: %v", d, err)
		}
		r := stdcsv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte(csv.BOM))))
		if r.Comma = ','; d != 0 {
			r.Comma = d
		}
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if first := strings.TrimLeft(row[1], " \t"); first != "" && strings.ContainsAny(first[:1], "=+-@") {
				t.Errorf("row %d begins like a formula: %q", i, row[1])
			}
			if i > 0 && assessment.UnprotectFormula(row[1]) != sheet.Rows[i-1][1].Text {
				t.Errorf("%q came back as %q", sheet.Rows[i-1][1].Text, assessment.UnprotectFormula(row[1]))
			}
		}
	}
	if err := csv.WriteSheet(new(bytes.Buffer), sheet, '|'); err == nil {
		t.Error("a delimiter that nobody reads was taken")
	}
}

// A number stays one, also below 0; a text that looks like one is protected.
func TestNumbersAreNotProtected(t *testing.T) {
	sheet := model.Sheet{
		Name: "S", Columns: []model.SheetColumn{{Title: "moved"}, {Title: "text"}},
		Rows: [][]model.Value{{{Number: -1, IsInt: true}, {Text: "-1"}}},
	}
	data := write(t, sheet, 0)
	if got := strings.TrimPrefix(string(data), csv.BOM); got != "moved,text\r\n-1,'-1\r\n" {
		t.Errorf("written is %q", got)
	}
	if err := csv.CheckSheet(data, sheet, 0); err != nil {
		t.Error(err)
	}
	if err := csv.CheckSheet(bytes.Replace(data, []byte("-1,"), []byte("'-1,"), 1), sheet, 0); err == nil {
		t.Error("a number that became a text checks")
	}
}

// A file that is not what was to be written does not check.
func TestCheckSheetRefuses(t *testing.T) {
	s, _ := baseline(t)
	sheet := model.GapRegister(s, example.AsOf)
	good := string(write(t, sheet, 0))
	lines := strings.SplitAfter(good, "\r\n")
	for name, bad := range map[string]string{
		"no mark":         strings.TrimPrefix(good, csv.BOM),
		"line feeds":      strings.ReplaceAll(good, "\r\n", "\n"),
		"a row gone":      strings.Join(append(append([]string{}, lines[:5]...), lines[6:]...), ""),
		"a row twice":     strings.Join(append(append([]string{}, lines[:6]...), lines[5:]...), ""),
		"another column":  strings.Replace(good, "focus_area", "area", 1),
		"another level":   strings.Replace(good, ",rated,1,", ",rated,2,", 1),
		"a column gone":   strings.Replace(good, ",updated\r\n", "\r\n", 1),
		"another file":    "hello",
		"half a file":     good[:len(good)/2],
		"other delimiter": string(write(t, sheet, ';')),
	} {
		if bad == good {
			t.Fatalf("%s changes nothing", name)
		}
		if err := csv.CheckSheet([]byte(bad), sheet, 0); err == nil {
			t.Errorf("%s: it checks", name)
		}
	}
	if err := csv.CheckSheet([]byte(good), sheet, 0); err != nil {
		t.Error(err)
	}
}
