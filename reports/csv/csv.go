// Package csv writes the gap register: one row for each item of the pack, in Core order, with the
// columns that docs/formats.md lists. The file round-trips by item id.
package csv

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/reports/wire"
)

// Columns are the columns of the gap register, in order.
var Columns = [...]string{
	"item_id", "function", "category", "subcategory", "focus_area", "title", "state", "current", "target", "gap",
	"nist_priority", "priority", "priority_reason", "reason", "accepted", "accepted_reason", "approver", "expires",
	"inherited", "evidence_grade", "evidence_count", "owner", "note", "actions", "due", "sp800_53", "updated",
}

// Delimiters are the delimiters that the gap register can have.
const Delimiters = ",;\t"

// BOM is the mark at the start of the file that tells a spreadsheet that it is UTF-8.
const BOM = "\uFEFF"

// Write writes the gap register of a session: UTF-8 with BOM, CRLF, fields quoted where RFC 4180 wants
// it. The delimiter is a comma, a semicolon or a tab; 0 is the comma. Whether an acceptance is in force
// is told on the given day.
func Write(w io.Writer, s *assessment.Snapshot, on assessment.Date, delimiter rune) error {
	if delimiter == 0 {
		delimiter = ','
	}
	if !strings.ContainsRune(Delimiters, delimiter) {
		return fmt.Errorf("write CSV: delimiter %q is none of comma, semicolon and tab", delimiter)
	}
	var b bytes.Buffer
	b.WriteString(BOM)
	out := csv.NewWriter(&b)
	out.Comma, out.UseCRLF = delimiter, true
	if err := out.Write(Columns[:]); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	record := make([]string, 0, len(Columns))
	for e := range s.Entries() {
		record = fields(record[:0], s, e, on)
		for i := range record {
			record[i] = Protect(record[i])
		}
		if err := out.Write(record); err != nil {
			return fmt.Errorf("write CSV, item %v: %w", e.Item.ID, err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func fields(f []string, s *assessment.Snapshot, e assessment.Entry, on assessment.Date) []string {
	id, r := e.Item.ID, e.Response
	sub, _ := s.Catalog().Subcategory(id.Sub)
	f = append(f, id.String(), id.Function(), id.Category(), id.Sub, id.Area.String(), sub.Title, e.State.String(),
		level(r.Current), level(r.Target), gap(e),
		strconv.Itoa(int(e.Item.Priority)), strconv.Itoa(int(e.Priority)), wire.Text(r.PriorityReason), wire.Text(r.Out))

	if a := r.Accepted; a == nil {
		f = append(f, "", "", "", "")
	} else {
		state := "lapsed"
		if a.InForce(on) {
			state = "yes"
		}
		f = append(f, state, wire.Text(a.Reason), wire.Text(a.Approver), wire.Text(string(a.Expires)))
	}

	inherited := ""
	if r.Current.Known() {
		inherited = "no"
		if r.Inherited {
			inherited = "yes"
		}
	}
	var actions, due, controls []string
	dated := false
	for a := range s.ActionsFor(id) {
		actions = append(actions, wire.Text(a.ID+" "+a.Title))
		if a.Due == "" {
			due = append(due, "none")
			continue
		}
		dated = true
		due = append(due, wire.Text(string(a.Due)))
	}
	if !dated {
		due = nil
	}
	for _, c := range s.Catalog().SP80053(id.Sub) {
		controls = append(controls, c.ID)
	}
	updated := ""
	if !r.At.IsZero() {
		updated = r.At.UTC().Format(time.RFC3339)
	}
	return append(f, inherited, r.Grade().String(), strconv.Itoa(len(r.Evidence)), wire.Text(r.Owner), wire.Text(r.Note),
		strings.Join(actions, "; "), strings.Join(due, "; "), strings.Join(controls, "; "), updated)
}

func level(r assessment.Rating) string {
	n, ok := r.Level()
	if !ok {
		return ""
	}
	return strconv.Itoa(n)
}

func gap(e assessment.Entry) string {
	if !e.State.InProfile() || !e.Known() {
		return ""
	}
	return strconv.Itoa(e.Gap())
}

// Protect puts an apostrophe in front of a text that a spreadsheet could take for a formula.
func Protect(s string) string { return assessment.ProtectFormula(s) }

// Unprotect takes the apostrophe away again that Protect has put there: Unprotect(Protect(s)) == s for
// every s.
func Unprotect(s string) string { return assessment.UnprotectFormula(s) }
