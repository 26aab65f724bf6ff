package reports

import (
	"bytes"
	"cmp"
	stdcsv "encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/reports/csv"
	"plumbline/reports/model"
	"plumbline/reports/wire"
)

// Check reads a written gap report back with a reader of its format and compares what it finds with the
// session: the rows it must have, and the totals. Whoever writes a report to a file checks the bytes
// of that file before it takes its name.
func Check(f Format, data []byte, s *assessment.Snapshot, o Options) error {
	err := check(Gap, f)
	if err == nil {
		switch f {
		case HTML:
			err = checkHTML(data, s, o)
		case Markdown:
			err = checkMarkdown(data, s, o)
		case CSV:
			err = checkCSV(data, s, o)
		case JSON:
			err = checkJSON(data, s)
		}
	}
	if err != nil {
		return fmt.Errorf("check the gap report as %s: %w", f, err)
	}
	return nil
}

func checkJSON(data []byte, s *assessment.Snapshot) error {
	var got struct {
		Schema  string       `json:"schema"`
		Session wire.Session `json:"session"`
		Data    struct {
			Scores struct {
				Session struct{ Total wire.Figures }
			}
			Gaps struct {
				Gaps, Unknown []struct{ Item string }
			}
			Items []struct {
				State string
			}
		}
	}
	if err := json.Unmarshal(data, &got); err != nil {
		return err
	}
	if want := wire.KindGapReport.Schema(); got.Schema != want {
		return fmt.Errorf("schema is %q, not %q", got.Schema, want)
	}
	if got.Session.ID != s.Info().ID || got.Session.Head != s.Head() {
		return fmt.Errorf("it is of session %s at %v, not of %s at %v", got.Session.ID, got.Session.Head, s.Info().ID, s.Head())
	}
	tally := s.Tally()
	g, err := json.Marshal(got.Data.Scores.Session.Total)
	if err != nil {
		return err
	}
	w, err := json.Marshal(wire.FiguresOf(tally, s.Info().Threshold))
	if err != nil {
		return err
	}
	if !bytes.Equal(g, w) {
		return fmt.Errorf("the totals are %s, not %s", g, w)
	}
	states := make(map[string]int)
	for _, it := range got.Data.Items {
		states[it.State]++
	}
	if err := compareStates(states, tally); err != nil {
		return err
	}
	return errors.Join(
		compare("gaps", len(got.Data.Gaps.Gaps), tally.Gaps),
		compare("unknown gaps", len(got.Data.Gaps.Unknown), tally.Targeted-tally.Compared))
}

func checkCSV(data []byte, s *assessment.Snapshot, o Options) error {
	rest, ok := bytes.CutPrefix(data, []byte(csv.BOM))
	if !ok {
		return errors.New("the byte order mark is missing")
	}
	r := stdcsv.NewReader(bytes.NewReader(rest))
	r.Comma = cmp.Or(o.Delimiter, ',')
	rows, err := r.ReadAll()
	if err != nil {
		return err
	}
	if err := compare("rows", len(rows), s.Catalog().Len()+1); err != nil {
		return err
	}
	if got := strings.Join(rows[0], ","); got != strings.Join(csv.Columns[:], ",") {
		return fmt.Errorf("the columns are %s", got)
	}
	column := make(map[string]int)
	for i, name := range rows[0] {
		column[name] = i
	}
	states := make(map[string]int)
	gaps, sum, want := 0, 0, 0
	for i, row := range rows[1:] {
		if id := s.Catalog().At(i).ID.String(); row[0] != id {
			return fmt.Errorf("row %d is of item %q, not of %s", i+2, row[0], id)
		}
		states[row[column["state"]]]++
		if v := row[column["gap"]]; v != "" && v != "0" {
			n, err := strconv.Atoi(v)
			if err != nil {
				return fmt.Errorf("row %d: the gap is %q", i+2, v)
			}
			gaps++
			sum += n
		}
	}
	for _, e := range s.Gaps() {
		want += e.Gap()
	}
	tally := s.Tally()
	return errors.Join(compareStates(states, tally),
		compare("gaps", gaps, tally.Gaps), compare("levels missing to the targets", sum, want))
}

func checkHTML(data []byte, s *assessment.Snapshot, o Options) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Entity = xml.HTMLEntity
	figures := make(map[string]string)
	entries := 0
	figure := ""
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		figure = readHTML(tok, figure, figures, &entries)
	}
	return checkFigures(figures, entries, s, o)
}

// readHTML takes note of headline figures and of the articles of gaps. It returns the name of the
// figure whose text comes next.
func readHTML(tok xml.Token, figure string, figures map[string]string, entries *int) string {
	switch t := tok.(type) {
	case xml.StartElement:
		for _, a := range t.Attr {
			switch {
			case a.Name.Local == "data-figure":
				return a.Value
			case t.Name.Local == "article" && a.Name.Local == "id" && strings.HasPrefix(a.Value, "item-"):
				*entries++
			}
		}
	case xml.CharData:
		if figure != "" {
			figures[figure] = string(t)
		}
	}
	return ""
}

func checkMarkdown(data []byte, s *assessment.Snapshot, o Options) error {
	d := model.GapReport(s, o)
	labels := make(map[string]string)
	for _, f := range headline(d) {
		labels[f.Label] = f.Key
	}
	figures := make(map[string]string)
	entries := 0
	details := false
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "## ") {
			details = strings.HasSuffix(strings.TrimSpace(line), ". "+sectionTitle(d, "details"))
		}
		if details && strings.HasPrefix(line, "### ") {
			entries++
		}
		if cells := strings.Split(line, " | "); len(cells) == 3 {
			if key, ok := labels[strings.TrimPrefix(cells[0], "| ")]; ok {
				figures[key] = strings.ReplaceAll(strings.Trim(cells[1], "*"), `\`, "")
			}
		}
	}
	if !strings.Contains(string(data), s.Head().String()) {
		return fmt.Errorf("the journal head %v is missing", s.Head())
	}
	return checkFigures(figures, entries, s, o)
}

func sectionTitle(d model.Document, id string) string {
	for _, s := range d.Sections {
		if s.ID == id {
			return s.Title
		}
	}
	return ""
}

func headline(d model.Document) []model.Figure {
	for _, s := range d.Sections {
		for _, block := range s.Blocks {
			if f, ok := block.(model.Figures); ok {
				return f.Figures
			}
		}
	}
	return nil
}

// checkFigures compares the headline figures with the session's tally, and those that are words with
// what the document says.
func checkFigures(figures map[string]string, entries int, s *assessment.Snapshot, o Options) error {
	t := s.Tally()
	of := func(x, y int) string { return fmt.Sprintf("%d of %d", x, y) }
	errs := []error{compare("gaps with their details", entries, t.Gaps)}
	for _, want := range []struct{ key, value string }{
		{"at_target", of(t.AtTarget, t.Compared)},
		{"gaps", strconv.Itoa(t.Gaps)},
		{"coverage", of(t.Compared, t.InProfile)},
		{"rated", of(t.Rated(), t.InProfile)},
		{"supported", of(t.Supported, t.Rated())},
	} {
		if got := figures[want.key]; got != want.value {
			errs = append(errs, fmt.Errorf("the figure %q is %q, not %q", want.key, got, want.value))
		}
	}
	percent := model.Attained(t, s.Info().Threshold)
	if got := figures["attainment"]; got != percent {
		errs = append(errs, fmt.Errorf("attainment is %q, not %q", got, percent))
	}
	return errors.Join(errs...)
}

func compareStates(got map[string]int, t assessment.Tally) error {
	var errs []error
	for _, c := range []struct {
		state assessment.State
		want  int
	}{
		{assessment.Rated, t.Rated()},
		{assessment.Unanswered, t.Unrated()},
		{assessment.OutOfProfile, t.OutOfProfile},
		{assessment.OutsidePath, t.OutsidePath},
		{assessment.AreaOutOfScope, t.AreaOutOfScope},
	} {
		errs = append(errs, compare(c.state.Words()+" items", got[c.state.String()], c.want))
	}
	return errors.Join(errs...)
}

func compare(what string, got, want int) error {
	if got != want {
		return fmt.Errorf("%d %s, not %d", got, what, want)
	}
	return nil
}
