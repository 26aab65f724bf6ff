package wire

import (
	"encoding/json"
	"time"

	"plumbline/assessment"
)

// EventRow is an event of a session's journal. Before and after are the record's JSON, null where
// there was or is none.
type EventRow struct {
	Seq     uint64          `json:"seq"`
	Group   uint64          `json:"group"`
	Time    time.Time       `json:"time"`
	Who     string          `json:"who"`
	Kind    assessment.Kind `json:"kind"`
	Subject string          `json:"subject"`
	Before  json.RawMessage `json:"before"`
	After   json.RawMessage `json:"after"`
	Reason  string          `json:"reason"`
	Undoes  *uint64         `json:"undoes"`
	Redoes  *uint64         `json:"redoes"`
	Hash    assessment.Hash `json:"hash"`
}

// EventsOf returns the rows of events.
func EventsOf(events []assessment.Event) []EventRow {
	w := make([]EventRow, 0, len(events))
	for _, e := range events {
		row := EventRow{
			Seq: e.Seq, Group: e.Group, Time: e.Time.UTC(), Who: e.Who, Kind: e.Kind, Subject: e.Subject,
			Before: e.Before, After: e.After, Reason: e.Reason, Hash: e.Hash(),
		}
		if e.Undoes != 0 {
			row.Undoes = &e.Undoes
		}
		if e.Redoes != 0 {
			row.Redoes = &e.Redoes
		}
		w = append(w, row)
	}
	return w
}

// Verification is the data of KindVerify.
type Verification struct {
	OK       bool            `json:"ok"` // all sessions are, and signature and report are as they were asked to be
	Sessions []VerifiedRow   `json:"sessions"`
	Bundle   *BundleFacts    `json:"bundle"` // null where a store or a report was checked
	Report   *VerifiedReport `json:"report"` // null where a store or a bundle was checked
}

// VerifiedReport says whether a report is one of a session. What the report does not state is "" or
// null.
type VerifiedReport struct {
	File      string           `json:"file"`
	SHA256    string           `json:"sha256"`
	Format    string           `json:"format"`
	Kind      string           `json:"kind"`         // "" unless it was made anew, byte for byte
	SessionID string           `json:"session_id"`   // of the session to whose journal the head belongs, else the one that the report states
	Head      *assessment.Head `json:"journal_head"` // that was found; null where none was
	States    string           `json:"states"`       // the head that the report states: "231:5f0c…"
	Version   string           `json:"version"`      // of the tool that made it, as the report states it
	Against   string           `json:"against"`      // the bundle or store in which the head was looked up; "" for none
	Verdict   ReportVerdict    `json:"verdict"`
	Signature Signature        `json:"signature"`
}

// ReportVerdict says in one word what a report is, compared with a journal.
type ReportVerdict string

// The verdicts on reports.
const (
	SameBytes    ReportVerdict = "same_bytes"     // it is, byte for byte, the report of that state of the session
	Differs      ReportVerdict = "differs"        // the head is one of the journal, but this version makes something else of it
	NotRebuilt   ReportVerdict = "not_rebuilt"    // the head is one of the journal; another version or pack made the report
	NotInJournal ReportVerdict = "not_in_journal" // no session there ever had this head
	NoHead       ReportVerdict = "no_head"        // the report states no head, so nothing can be said
	NotCompared  ReportVerdict = "not_compared"   // there is no journal to look it up in
)

// VerifiedRow says whether a session is what its journal says. BadSeq is the first event that is
// wrong, null where none is.
type VerifiedRow struct {
	ID           string           `json:"id"`
	Organization string           `json:"organization"`
	Name         string           `json:"name"`
	OK           bool             `json:"ok"`
	Events       int              `json:"events"`
	Head         *assessment.Head `json:"journal_head"` // null where the journal is broken
	BadSeq       *uint64          `json:"bad_seq"`
	Problem      string           `json:"problem"`
	Setbacks     []Setback        `json:"clock_set_back"` // in the journal's order; no reason for OK to be false
}

// Setback is an event that says that it is older than the one before it.
type Setback struct {
	Seq uint64  `json:"seq"`
	By  float64 `json:"seconds"` // how much older
}

// Setback returns it as the journal's own.
func (s Setback) Setback() assessment.Setback {
	return assessment.Setback{Seq: s.Seq, By: time.Duration(s.By * float64(time.Second))}
}

// SetbacksOf returns setbacks as JSON states them.
func SetbacksOf(list []assessment.Setback) []Setback {
	rows := make([]Setback, 0, len(list))
	for _, s := range list {
		rows = append(rows, Setback{s.Seq, s.By.Seconds()})
	}
	return rows
}

// Build is the data of KindVersion.
type Build struct {
	Version     string `json:"version"`
	Go          string `json:"go"`           // "go1.26.0"
	Platform    string `json:"platform"`     // "linux/amd64"
	StoreSchema int    `json:"store_schema"` // of the stores that it writes
	// StoreReadableFrom is the first version that reads these stores.
	StoreReadableFrom string `json:"store_readable_from"`
	// FIPS tells whether Go's FIPS 140-3 module is in use: "off", "on", or "only", when everything
	// that it has not approved fails.
	FIPS    string   `json:"fips_140"`
	Modules []Module `json:"modules"` // that it is built of
}

// Module is a Go module of a program.
type Module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
}
