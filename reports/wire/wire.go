// Package wire holds the shapes of Plumbline's JSON: what the reading commands print with --json and
// what a JSON report is. docs/formats.md describes them and docs/schemas has a JSON Schema of each.
//
// Members are in snake_case and always present. What is unknown is null, never 0: a rating that was
// not given, a ratio whose denominator would be 0, a time that never was. A text that nobody wrote is
// "", a list without entries []. Times are RFC 3339 in UTC, days "2006-01-02".
package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"plumbline/assessment"
	"plumbline/content"
)

// Kind names the shape of an envelope's data, after the command that prints it.
type Kind string

// The kinds that exist, with the type of their data.
const (
	KindSession      Kind = "session"        // SessionData
	KindSessions     Kind = "sessions"       // Sessions
	KindDeleted      Kind = "session-delete" // Deleted
	KindRate         Kind = "rate"           // Rated; rate and evidence
	KindBase         Kind = "base"           // Based
	KindTarget       Kind = "target"         // Targeted
	KindScore        Kind = "score"          // Scores
	KindGaps         Kind = "gaps"           // Gaps
	KindReport       Kind = "report"         // Written
	KindContentList  Kind = "content-list"   // ContentList
	KindContentItem  Kind = "content-item"   // ContentItem
	KindContentAdd   Kind = "content-add"    // OfficialAdded
	KindContentDiff  Kind = "content-diff"   // ContentDiff
	KindMigrate      Kind = "migrate"        // Migrated
	KindVerify       Kind = "verify"         // Verification
	KindVersion      Kind = "version"        // Build
	KindCompare      Kind = "compare"        // CompareReport; the command compare
	KindTier         Kind = "tier"           // TierChanged
	KindAction       Kind = "action"         // ActionChanged
	KindActions      Kind = "actions"        // Actions
	KindSystem       Kind = "system"         // SystemChanged
	KindSystems      Kind = "systems"        // Systems
	KindSnapshot     Kind = "snapshot"       // SnapshotTaken
	KindSnapshots    Kind = "snapshots"      // Snapshots
	KindSnapshotDiff Kind = "snapshot-diff"  // SnapshotDiff
	KindExport       Kind = "export"         // Exported
	KindImport       Kind = "import"         // Imported
	KindMerge        Kind = "merge"          // Merged

	// Of the commands on the store as a file.
	KindStoreProtection Kind = "store-protection" // StoreProtection; store encrypt, decrypt and passwd
	KindStoreBackup     Kind = "store-backup"     // StoreBackup
	KindStoreBackups    Kind = "store-backups"    // StoreBackups
	KindStoreRestore    Kind = "store-restore"    // Restored
	KindStoreCompact    Kind = "store-compact"    // Compacted
	KindStoreDoctor     Kind = "store-doctor"     // Examined

	// Of reports as JSON.
	KindGapReport              Kind = "gap-report"               // GapReport
	KindExecutiveReport        Kind = "executive-report"         // ExecutiveReport
	KindPlanReport             Kind = "plan-report"              // PlanReport
	KindEvidenceRequestsReport Kind = "evidence-requests-report" // EvidenceRequests
	KindInterviewReport        Kind = "interview-report"         // Interview
	KindProfileReport          Kind = "profile-report"           // Profile
	KindCompareReport          Kind = "compare-report"           // CompareReport
)

// Schema returns what an envelope of this kind says in its member schema: "plumbline/score/1". The
// number grows when a member changes its meaning or goes; a new member does not change it.
func (k Kind) Schema() string { return "plumbline/" + string(k) + "/1" }

// ToolName is the name under which every artefact says what made it.
const ToolName = "plumbline"

// CoreOrder says in words how items are ordered where nothing else decides.
const CoreOrder = "Core order: Functions, Categories and Subcategories as the pack lists them, then the Focus Areas Secure, Defend, Thwart"

// Wording goes wherever the pack's own texts are shown or handed on.
const Wording = "Questions, reasons, suggestions and restatements are Plumbline's own wording, not NIST's. " +
	"NIST has neither reviewed nor endorsed them."

// Options are what output depends on beside the session and the pack.
type Options struct {
	Version   string          // of the tool
	Generated time.Time       // when the output is made, or what stands for it
	AsOf      assessment.Date // the day by which ages and expiry are told; "" is the day of Generated
	Damage    string          // what is wrong with the session's journal; the output then says so
	Delimiter rune            // of CSV: comma, semicolon or tab; 0 is the comma

	Against *assessment.Snapshot // of a comparison: the state, or the session, with which the reported one is compared
	Journal []assessment.Event   // of a workbook: the events of its sheet Journal, oldest first; nil leaves the sheet out
	Area    *content.Area        // of a file that has one rating for each Subcategory: the Focus Area that it takes; nil takes base ratings
	OSCAL   string               // version of OSCAL that is written, without "v"; "" is the default

	Roles []string // of interview sheets and evidence requests: for these roles of the pack alone; nil is all
	Open  bool     // of the same: only the items that are not rated yet
}

// Selection says which part of the items in profile interview sheets or evidence requests are about. The
// zero value, apart from lists, is all of them.
type Selection struct {
	OnlyRoles []string `json:"only_roles"` // in the pack's order; empty is all
	OnlyOpen  bool     `json:"only_open"`  // items not rated yet
}

func (o Options) selection() Selection {
	sel := Selection{OnlyRoles: []string{}, OnlyOpen: o.Open}
	for _, r := range content.Roles {
		if slices.Contains(o.Roles, r) {
			sel.OnlyRoles = append(sel.OnlyRoles, r)
		}
	}
	return sel
}

// Has reports whether the role is in the selection.
func (s Selection) Has(role string) bool {
	return len(s.OnlyRoles) == 0 || slices.Contains(s.OnlyRoles, role)
}

// takes reports whether an entry may be in the selection, whatever its roles: it is in profile, and open
// where only open items are wanted.
func (s Selection) takes(e assessment.Entry) bool {
	return e.State.InProfile() && !(s.OnlyOpen && e.State == assessment.Rated)
}

// Day returns the day by which ages and expiry are told.
func (o Options) Day() assessment.Date {
	if o.AsOf != "" {
		return o.AsOf
	}
	return assessment.DayOf(o.Generated)
}

// Envelope is the outer object of all JSON output.
type Envelope struct {
	Schema    string          `json:"schema"`
	Tool      Tool            `json:"tool"`
	Pack      *Pack           `json:"pack"`              // null where no pack was read
	Session   *Session        `json:"session,omitempty"` // left out where the data is not of one session
	Generated time.Time       `json:"generated"`
	AsOf      assessment.Date `json:"as_of"`
	Damage    string          `json:"damage,omitempty"` // what is wrong with the session's journal
	Data      any             `json:"data"`
}

// Tool says what made the output.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Pack says on which content the output stands.
type Pack struct {
	ID      string `json:"id"`
	Version int    `json:"version"` // the edition
	SHA256  string `json:"sha256"`
	Facts   string `json:"facts_sha256"`
	Title   string `json:"title"`
	Status  string `json:"status"` // "initial preliminary draft"
	Source  string `json:"source"`
	Wording string `json:"wording"`
}

// PackOf returns what an envelope says of a pack.
func PackOf(cat *content.Catalog) Pack {
	p := cat.Pack()
	return Pack{p.ID, p.Edition, p.SHA256, p.Facts, p.Title, p.Status, p.Source, Wording}
}

// Wrap puts data into its envelope. The catalog and the snapshot may be nil; a snapshot brings its own
// catalog.
func Wrap(kind Kind, o Options, cat *content.Catalog, s *assessment.Snapshot, data any) Envelope {
	e := Envelope{
		Schema: kind.Schema(), Tool: Tool{ToolName, o.Version},
		Generated: o.Generated.UTC().Truncate(time.Second), AsOf: o.Day(), Damage: o.Damage, Data: data,
	}
	if s != nil {
		cat = s.Catalog()
		e.Session = new(SessionOf(s))
	}
	if cat != nil {
		e.Pack = new(PackOf(cat))
	}
	return e
}

// ratio returns r, or nil where it has no value.
func ratio(r assessment.Ratio) *assessment.Ratio {
	if r.Den == 0 {
		return nil
	}
	return &r
}

// stamp returns t in UTC, or nil where it never was.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC())
}

// day returns d, or nil where it is none.
func day(d assessment.Date) *assessment.Date {
	if d == "" {
		return nil
	}
	return &d
}

// list returns s, or an empty list where it is nil, so that JSON never says null for one.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Encode writes the envelope as it is printed everywhere: indented by two blanks, with a line feed at
// the end. Characters that could steer a terminal, which an older store may hold, are written as
// escapes, so that the value is kept and the output harmless.
func (e Envelope) Encode(w io.Writer) error {
	raw, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", e.Schema, err)
	}
	_, err = w.Write(append(Escaped(raw), '\n'))
	return err
}

// Escaped returns JSON in which no string holds a character that is not graphic, so that it can not
// steer a terminal. Outside strings JSON has none beyond ASCII, and those inside that are below 0x20 are
// escaped already.
func Escaped(raw []byte) []byte {
	var out []byte
	done := 0
	for i := 0; i < len(raw); {
		if raw[i] < 0x7F {
			i++
			continue
		}
		r, n := utf8.DecodeRune(raw[i:])
		if !unicode.IsGraphic(r) {
			out = append(out, raw[done:i]...)
			for _, u := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, u)
			}
			done = i + n
		}
		i += n
	}
	return append(out, raw[done:]...)
}

// Text returns a text of a person or a file as it may leave the program in a report. What a session
// holds went through the same filter when it was written; this is for what an older store or another
// program left there.
func Text(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 0x7F || c < ' ' && c != '\n' {
			return assessment.CleanText(s)
		}
	}
	return s
}
