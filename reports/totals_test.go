package reports_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports"
	"plumbline/reports/csv"
	"plumbline/reports/model"
	"plumbline/reports/wire"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Every format tells the same totals, which are those of the domain. Each is read back with a reader
// of its own and counted here anew.
func TestTotalsAgree(t *testing.T) {
	sessions := append(examples(t), fullSession(t, embedded(t)))
	for _, s := range sessions {
		t.Run(s.Info().Name, func(t *testing.T) {
			sc := s.Score()
			total := sc.Session.Total
			want := []string{itoa(total.InProfile)}
			for _, n := range total.Levels {
				want = append(want, itoa(n))
			}
			want = append(want, itoa(total.Unrated()), itoa(total.Inherited), itoa(total.AtTarget)+" of "+itoa(total.Compared),
				itoa(total.Supported)+" of "+itoa(total.Rated()), itoa(total.OnAssertion))

			if got := htmlRow(t, write(t, reports.HTML, s, options()), "Items by level, in numbers", "All items"); strings.Join(got, "|") != strings.Join(want, "|") {
				t.Errorf("HTML has %v, want %v", got, want)
			}
			md := string(write(t, reports.Markdown, s, options()))
			if line := "| **All items** | **" + strings.Join(want, "** | **") + "** |"; !strings.Contains(md, line) {
				t.Errorf("Markdown lacks the line %s", line)
			}
			for _, f := range sc.Functions {
				if got := htmlRow(t, write(t, reports.HTML, s, options()), "Items by level, in numbers", f.Name); got[0] != itoa(f.Total.InProfile) {
					t.Errorf("HTML has %v in profile in %s, want %d", got[0], f.ID, f.Total.InProfile)
				}
			}
			checkJSONTotals(t, write(t, reports.JSON, s, options()), sc, s.Info().Threshold)
			checkRegisterTotals(t, cells(t, write(t, reports.CSV, s, options())), s)
			checkRegisterTotals(t, sheetRows(t, write(t, reports.XLSX, s, options()), "Gap register"), s)
			row := flat("All items" + strings.Join(want, ""))
			for _, f := range []reports.Format{reports.DOCX, reports.PDF} {
				found, ok := words(t, reports.Gap, f, write(t, f, s, options()))
				if ok && !strings.Contains(flat(found), row) {
					t.Errorf("%s lacks the row %s", f, row)
				}
			}
		})
	}
}

func checkJSONTotals(t *testing.T, data []byte, sc assessment.Scores, threshold int) {
	t.Helper()
	var got struct{ Data struct{ Scores wire.Scores } }
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	compare := func(what string, got wire.Figures, want assessment.Tally) {
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(wire.FiguresOf(want, threshold))
		if !bytes.Equal(g, w) {
			t.Errorf("JSON, %s: %s, want %s", what, g, w)
		}
	}
	compare("session", got.Data.Scores.Session.Total, sc.Session.Total)
	compare("secure", got.Data.Scores.Session.Areas.Secure, sc.Session.Areas[content.Secure])
	for i, f := range sc.Functions {
		compare(f.ID, got.Data.Scores.Functions[i].Total.Total, f.Total)
	}
	for i, c := range sc.Categories {
		compare(c.ID, got.Data.Scores.Categories[i].Total.Total, c.Total)
		compare(c.ID+" thwart", got.Data.Scores.Categories[i].Areas.Thwart, c.Areas[content.Thwart])
	}
}

// sheetRows returns the rows of a sheet, as long as its first one.
func sheetRows(t *testing.T, data []byte, sheet string) [][]string {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		rows[i] = append(rows[i], make([]string, len(rows[0])-len(rows[i]))...)
	}
	return rows
}

// checkRegisterTotals counts the register's rows by the rules of the methodology.
func checkRegisterTotals(t *testing.T, rows [][]string, s *assessment.Snapshot) {
	t.Helper()
	var got assessment.Tally
	for _, r := range rows[1:] {
		cell := make(map[string]string)
		for i, name := range model.RegisterColumns {
			cell[name] = r[i]
		}
		got.Items++
		switch cell["state"] {
		case "out_of_profile":
			got.OutOfProfile++
			continue
		case "outside_path":
			got.OutsidePath++
			continue
		case "area_out_of_scope":
			got.AreaOutOfScope++
			continue
		}
		got.InProfile++
		current, errC := strconv.Atoi(cell["current"])
		target, errT := strconv.Atoi(cell["target"])
		if errT == nil {
			got.Targeted++
			got.WantedAll += target
		}
		if errC != nil {
			continue
		}
		got.Levels[current]++
		if cell["inherited"] == "yes" {
			got.Inherited++
		}
		switch cell["evidence_grade"] {
		case "examined", "tested":
			got.Supported++
		case "none", "asserted":
			if current == assessment.MaxLevel {
				got.OnAssertion++
			}
		}
		if errT != nil {
			continue
		}
		got.Compared++
		got.Wanted += target
		got.Achieved += min(current, target)
		if gap := max(0, target-current); gap > 0 {
			got.Gaps++
			if cell["gap"] != itoa(gap) {
				t.Errorf("register, %s: gap %q, want %d", cell["item_id"], cell["gap"], gap)
			}
		} else {
			got.AtTarget++
		}
	}
	if want := s.Tally(); got != want {
		t.Errorf("the register counts\n%+v, want\n%+v", got, want)
	}
}

// htmlRow returns the cells after the head of a row in the table of that caption.
func htmlRow(t *testing.T, data []byte, caption, head string) []string {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for table := range doc.Descendants() {
		if table.Data != "table" || !strings.HasPrefix(text(table), caption) {
			continue
		}
		for tr := range table.Descendants() {
			if tr.Data != "tr" {
				continue
			}
			var cells []string
			for c := range tr.ChildNodes() {
				cells = append(cells, text(c))
			}
			if cells[0] == head {
				return cells[1:]
			}
		}
	}
	t.Fatalf("no row %q in a table %q", head, caption)
	return nil
}

func text(n *html.Node) string {
	var b strings.Builder
	if n.Type == html.TextNode {
		b.WriteString(n.Data)
	}
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// Check accepts what Write wrote and refuses it cut short, with a figure changed, or from another state.
func TestCheck(t *testing.T) {
	sessions := examples(t)
	s, other := sessions[0], sessions[1]
	for _, f := range prints {
		t.Run(string(f), func(t *testing.T) {
			data := write(t, f, s, options())
			if err := reports.Check(reports.Gap, f, data, s, options()); err != nil {
				t.Fatalf("refused: %v", err)
			}
			for name, bad := range map[string][]byte{
				"empty":           nil,
				"half":            data[:len(data)/2],
				"a gap is gone":   withoutGap(f, data),
				"other session":   write(t, f, other, options()),
				"other delimiter": bytes.ReplaceAll(data, []byte(","), []byte(";")),
			} {
				if name == "other delimiter" && f != reports.CSV {
					continue
				}
				if err := reports.Check(reports.Gap, f, bad, s, options()); err == nil {
					t.Errorf("%s: accepted", name)
				}
			}
		})
	}
	if err := reports.Check(reports.Gap, "rtf", nil, s, options()); err == nil {
		t.Error("an unknown format: accepted")
	}
}

// Whatever the kind and the format, what was written checks; what is cut short, or of another session,
// does not.
func TestCheckEverywhere(t *testing.T) {
	list := sessions(t)
	s, other := list[0].Snapshot(), list[1].Snapshot()
	o, o2 := full(t, list[0]), full(t, list[1])
	secure := content.Secure
	o.Area, o2.Area = &secure, &secure
	every(t, func(t *testing.T, k reports.Kind, f reports.Format) {
		data := writeKind(t, k, f, s, o)
		if err := reports.Check(k, f, data, s, o); err != nil {
			t.Fatalf("refused: %v", err)
		}
		for name, bad := range map[string][]byte{
			"empty": nil, "half": data[:len(data)/2], "without its last line": data[:len(data)-20], "other session": writeKind(t, k, f, other, o2),
		} {
			if err := reports.Check(k, f, bad, s, o); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
	})
}

// A report that was built once checks what it wrote, and neither writing nor checking changes it.
func TestBuiltOnce(t *testing.T) {
	list := sessions(t)
	s, o := list[0].Snapshot(), full(t, list[0])
	every(t, func(t *testing.T, k reports.Kind, f reports.Format) {
		a, err := reports.Build(k, f, s, o)
		if err != nil {
			t.Fatal(err)
		}
		want := writeKind(t, k, f, s, o)
		for range 2 {
			var b bytes.Buffer
			if err := a.Write(&b); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b.Bytes(), want) {
				t.Errorf("it differs %s", firstDifference(b.Bytes(), want))
			}
			if err := a.Check(b.Bytes()); err != nil {
				t.Errorf("refused: %v", err)
			}
		}
	})
}

// withoutGap takes the last gap out of a report, or makes it unreadable as one.
func withoutGap(f reports.Format, data []byte) []byte {
	s := string(data)
	switch f {
	case reports.HTML:
		return []byte(strings.Replace(s, `<article class="entry" id="item-`, `<article class="entry" id="`, 1))
	case reports.Markdown:
		return []byte(strings.Replace(s, "\n### 7\\.", "\n7\\.", 1))
	case reports.CSV:
		return []byte(strings.Replace(s, ",rated,0,3,3,", ",rated,0,3,,", 1))
	default:
		return []byte(strings.Replace(s, `"state": "rated"`, `"state": "unrated"`, 1))
	}
}

func TestDelimiter(t *testing.T) {
	s := examples(t)[0]
	for _, d := range csv.Delimiters {
		o := options()
		o.Delimiter = d
		if err := reports.Check(reports.Gap, reports.CSV, write(t, reports.CSV, s, o), s, o); err != nil {
			t.Errorf("%q: %v", d, err)
		}
	}
	o := options()
	o.Delimiter = '|'
	if err := reports.Write(new(bytes.Buffer), reports.Gap, reports.CSV, s, o); err == nil {
		t.Error("a delimiter that the register can not have was accepted")
	}
}

func TestUnknownKindAndFormat(t *testing.T) {
	s := examples(t)[0]
	var b bytes.Buffer
	for _, err := range []error{
		reports.Write(&b, "poem", reports.HTML, s, options()), reports.Write(&b, reports.Gap, "rtf", s, options()),
	} {
		if err == nil || b.Len() > 0 {
			t.Errorf("error %v, %d bytes written", err, b.Len())
		}
	}
}
