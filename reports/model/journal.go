package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"plumbline/assessment"
	"plumbline/reports/wire"
)

// journalSheet is the journal for people: what each event changed, from what to what.
func journalSheet(events []assessment.Event) Sheet {
	sheet := Sheet{Name: "Journal", Columns: columns("seq", "time", "who", "what", "item_id", "before", "after", "reason", "hash")}
	for _, e := range events {
		what, before, after := changeOf(e)
		switch {
		case e.Undoes != 0:
			what += fmt.Sprintf(" (undoes act %d)", e.Undoes)
		case e.Redoes != 0:
			what += fmt.Sprintf(" (does act %d again)", e.Redoes)
		}
		sheet.Rows = append(sheet.Rows, []Value{
			whole(int(e.Seq)), text(stamp(e.Time)), quote(e.Who), quote(what), quote(e.Subject), quote(before), quote(after), quote(e.Reason), text(e.Hash().String()),
		})
	}
	return sheet
}

// changeOf tells an event in words: the members of the record that differ, and their values before and
// after. Where several differ, each value stands on a line with its name.
func changeOf(e assessment.Event) (what, before, after string) {
	old, now := members(e.Before), members(e.After)
	var changed []string
	for name := range maps.Keys(now) {
		if !bytes.Equal(old[name], now[name]) {
			changed = append(changed, name)
		}
	}
	for name := range maps.Keys(old) {
		if _, ok := now[name]; !ok {
			changed = append(changed, name)
		}
	}
	// Who and when stand in columns of their own; the pair says nothing of what was changed.
	changed = slices.DeleteFunc(changed, func(name string) bool { return name == "by" || name == "at" })
	slices.Sort(changed)
	tell := func(record map[string]json.RawMessage) string {
		var lines []string
		for _, name := range changed {
			v := valueText(name, record[name])
			switch {
			case v == "":
			case len(changed) == 1:
				lines = append(lines, v)
			default:
				lines = append(lines, memberName(name)+": "+v)
			}
		}
		return strings.Join(lines, "\n")
	}
	names := make([]string, 0, len(changed))
	for _, name := range changed {
		names = append(names, memberName(name))
	}
	what = string(e.Kind)
	switch {
	case e.Before == nil && e.After != nil:
		what += " added"
	case e.After == nil:
		what += " removed"
	}
	if len(names) > 0 {
		what += ": " + strings.Join(names, ", ")
	}
	return what, tell(old), tell(now)
}

// members are the members of a record; none where there is no record.
func members(raw json.RawMessage) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil {
		return nil
	}
	return m
}

func memberName(s string) string { return strings.ReplaceAll(s, "_", " ") }

// valueText is a JSON value as a person reads it: "2", "yes", "tested, 2026-10-01, …"; "" for null and for
// what is not there. A preset taken from another session does not name that session, and a logo is not
// written out.
func valueText(name string, raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return string(raw)
	}
	s, isText := v.(string)
	switch {
	case isText && name == "preset":
		return wire.Preset(s)
	case isText && name == "logo":
		png, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return "a picture that cannot be read"
		}
		return fmt.Sprintf("PNG of %d bytes, SHA-256 %.8x…", len(png), sha256.Sum256(png))
	}
	return plainText(v)
}

func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		return yesNo(v)
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, plainText(e))
		}
		return strings.Join(parts, "; ")
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if s := plainText(v[name]); s != "" {
				parts = append(parts, memberName(name)+" "+s)
			}
		}
		return strings.Join(parts, ", ")
	default:
		return fmt.Sprint(v)
	}
}
