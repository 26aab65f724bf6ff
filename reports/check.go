package reports

import (
	"bytes"
	"cmp"
	stdcsv "encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/reports/csv"
)

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
