package assessment

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Kind says what kind of record an event changed.
type Kind string

// The kinds of records. Subject is the item id, the Subcategory id or the record's own id; it is
// empty for the records that a session has once.
const (
	KindInfo     Kind = "session"
	KindPack     Kind = "pack"
	KindTier     Kind = "tier"
	KindBrand    Kind = "brand"
	KindResponse Kind = "response"
	KindBase     Kind = "base"
	KindSystem   Kind = "system"
	KindAction   Kind = "action"
	KindSnapshot Kind = "snapshot"
	KindAside    Kind = "aside" // what was recorded for what the pack no longer has
	KindMerge    Kind = "merge" // the mark of a merge
)

// key names a record of a session.
type key struct {
	kind    Kind
	subject string
}

// String is the form of the key in Stored.
func (k key) String() string { return string(k.kind) + "/" + k.subject }

func parseKey(s string) key {
	kind, subject, _ := strings.Cut(s, "/")
	return key{Kind(kind), subject}
}

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// String returns the hash in hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes hex.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads hex of the full length.
func (h *Hash) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(h) {
		return fmt.Errorf("hash of %d characters", len(text))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// Head is the end of a journal: how many events it holds, and the hash of the last one, which covers
// all before it.
type Head struct {
	Seq  uint64 `json:"seq"`
	Hash Hash   `json:"hash"`
}

// String returns "231:5f0c…", short enough to print in a report and long enough to compare.
func (h Head) String() string { return fmt.Sprintf("%d:%s", h.Seq, h.Hash.String()[:16]) }

// Event is one change of one record, as the journal keeps it. Before and After are the record's JSON,
// nil where there was or is none. All events of one act share a Group and are undone together; an
// undo or redo is a group of its own, with events that compensate. Prev is the hash of the event
// before it.
type Event struct {
	Seq     uint64          `json:"seq"` // 1, 2, 3, …
	Group   uint64          `json:"group"`
	Time    time.Time       `json:"time"`
	Who     string          `json:"who"`
	Kind    Kind            `json:"kind"`
	Subject string          `json:"subject,omitempty"`
	Before  json.RawMessage `json:"before"`
	After   json.RawMessage `json:"after"`
	Reason  string          `json:"reason,omitempty"`
	Undoes  uint64          `json:"undoes,omitempty"` // the group that this event takes back
	Redoes  uint64          `json:"redoes,omitempty"` // the group that this event does again
	Prev    Hash            `json:"prev"`

	raw []byte
}

// Bytes returns the event as it is stored. The hash chain covers exactly these bytes.
func (e Event) Bytes() []byte { return e.raw }

// Hash returns the SHA-256 of Bytes.
func (e Event) Hash() Hash { return sha256.Sum256(e.raw) }

// Record names the record that the event changed, in the form of the keys of Stored.
func (e Event) Record() string { return e.key().String() }

func (e Event) key() key { return key{e.Kind, e.Subject} }

// Stored is a session as a store or a bundle keeps it: its records by "kind/subject", and its journal
// in order. The records are what the journal leads to; both are written together.
type Stored struct {
	Records map[string][]byte
	Journal [][]byte
}

// ErrDamaged says that a stored session is not what was written: its journal is broken, or its
// records do not follow from it.
var ErrDamaged = errors.New("session is damaged")

// DamageError names the first event at which a journal is broken, which is the one after an event
// whose bytes were changed; where the records differ from a journal that holds together, it names the
// journal's last event. It unwraps to ErrDamaged.
type DamageError struct {
	Seq uint64
	Why string
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("%v at event %d: %s", ErrDamaged, e.Seq, e.Why)
}

// Unwrap returns ErrDamaged.
func (e *DamageError) Unwrap() error { return ErrDamaged }

// DecodeEvent reads an event from its stored bytes. It refuses unknown members and anything after the
// object. The event keeps raw, which the caller must not change.
func DecodeEvent(raw []byte) (Event, error) {
	var e Event
	if err := decodeStrict(raw, &e); err != nil {
		return Event{}, err
	}
	if bytes.Equal(e.Before, null) {
		e.Before = nil
	}
	if bytes.Equal(e.After, null) {
		e.After = nil
	}
	e.Before, e.After, e.raw = partOf(raw, e.Before), partOf(raw, e.After), raw
	return e, nil
}

// partOf returns the part of raw that has the bytes of v: a long journal is not to be kept twice.
func partOf(raw, v []byte) []byte {
	if i := bytes.Index(raw, v); i >= 0 && v != nil {
		return raw[i : i+len(v) : i+len(v)]
	}
	return v
}

var null = []byte("null")

// decodeStrict decodes one JSON value and refuses members that v does not have.
func decodeStrict(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF { // More would take a "}" or "]" for the end
		return errors.New("data after the JSON value")
	}
	return nil
}

// Replay follows a journal from its first event, checks order, chain, that each event starts from what
// the one before it left and that nothing changed while the session was closed, and returns the records
// that it leads to and its head. The error is a *DamageError.
func Replay(journal [][]byte) (map[string][]byte, Head, error) {
	records := make(map[string][]byte)
	var head Head
	var group uint64
	now, began := Open, Open // status, and the one in which the group began
	for i, raw := range journal {
		seq := uint64(i) + 1
		bad := func(format string, args ...any) (map[string][]byte, Head, error) {
			return nil, head, &DamageError{seq, fmt.Sprintf(format, args...)}
		}
		e, err := DecodeEvent(raw)
		switch {
		case err != nil:
			return bad("%v", err)
		case e.Seq != seq:
			return bad("it says that it is event %d", e.Seq)
		case e.Prev != head.Hash:
			return bad("it does not follow the event before it")
		case e.Group != group && e.Group != group+1, e.Group == 0:
			return bad("group %d comes after group %d", e.Group, group)
		case !bytes.Equal(records[e.Record()], e.Before):
			return bad("%q was not what it says it was before", e.Record())
		}
		if e.Group != group {
			began = now
		}
		if began != Open && (e.Group == group || e.Kind != KindInfo || !onlyStatus(raw)) {
			return bad("it changes a session that is %s", began)
		}
		if e.Kind == KindInfo && e.After != nil {
			var to struct{ Status Status }
			if err := json.Unmarshal(e.After, &to); err != nil {
				return bad("%v", err)
			}
			if err := now.mayBecome(to.Status, e.Reason); to.Status != now && err != nil {
				return bad("%v", err)
			}
			now = to.Status
		}
		if e.After == nil {
			delete(records, e.Record())
		} else {
			records[e.Record()] = e.After
		}
		group = e.Group
		head = Head{seq, e.Hash()}
	}
	return records, head, nil
}

// Verify checks the journal as Replay does and that the records are the ones that it leads to. It
// returns the journal's head.
func (st Stored) Verify() (Head, error) {
	records, head, err := Replay(st.Journal)
	if err != nil {
		return head, err
	}
	if len(st.Journal) == 0 {
		return head, &DamageError{0, "there is no journal"}
	}
	for _, k := range slices.Sorted(maps.Keys(records)) {
		if got, ok := st.Records[k]; !ok {
			return head, &DamageError{head.Seq, fmt.Sprintf("the record %q is missing", k)}
		} else if !bytes.Equal(got, records[k]) {
			return head, &DamageError{head.Seq, fmt.Sprintf("the record %q is not what the journal says", k)}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(st.Records)) {
		if _, ok := records[k]; !ok {
			return head, &DamageError{head.Seq, fmt.Sprintf("the journal knows nothing of the record %q", k)}
		}
	}
	return head, nil
}

// CheckTexts refuses a journal with a text in it that no act can have put there, since what comes in is
// cleaned first: one with a character that steers a terminal, or turns or hides what stands around it. Check
// sees the records alone, and a journal holds also what they said before, who acted, and why. The error is
// an ErrRecord that names the event.
func (st Stored) CheckTexts() error {
	for i, raw := range st.Journal {
		if at := steersAt(raw); at >= 0 {
			return fmt.Errorf("%w: event %d holds %q, which no text may hold", ErrRecord, i+1, raw[at:min(at+6, len(raw))])
		}
	}
	return nil
}

// steersAt returns where a text of a JSON document has a character that CleanText takes out, escaped or
// not, or -1.
func steersAt(raw []byte) int {
	taken := func(r rune) bool { return r != '\n' && (steers(r) || r == '\u2028' || r == '\u2029') }
	for i := 0; i < len(raw); {
		from := i
		r, n := utf8.DecodeRune(raw[i:])
		i += n
		switch {
		case r == utf8.RuneError && n == 1, r == '\n', taken(r): // a line feed stands there escaped
			return from
		case r != '\\' || i == len(raw):
			continue
		}
		i++ // the escaped character
		switch raw[i-1] {
		case 'b', 'f', 'r', 't':
			return from
		case 'u':
			r, n := escapedRune(raw[from:])
			if i = from + n; taken(r) {
				return from
			}
		}
	}
	return -1
}

// escapedRune decodes an escape such as \u20ac at the beginning of raw, or a pair of them, and returns how
// many bytes it has.
func escapedRune(raw []byte) (rune, int) {
	unit := func(raw []byte) rune {
		if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
			return -1
		}
		n, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
		if err != nil {
			return -1
		}
		return rune(n)
	}
	const size = 6
	r := unit(raw)
	if r < 0 {
		return utf8.RuneError, 2
	}
	if utf16.IsSurrogate(r) && len(raw) > size {
		if pair := utf16.DecodeRune(r, unit(raw[size:])); pair != utf8.RuneError {
			return pair, 2 * size
		}
	}
	return r, size
}

// group is a run of events of a journal that were one act.
type group struct {
	number         uint64
	from, to       int    // events journal[from:to]
	undoes, redoes uint64 // the group that it takes back or does again; 0 for an act of a person
	status         bool   // it is a change of the session's status
}

// groupBefore returns the group that ends before journal[to].
func groupBefore(journal [][]byte, to int) (group, error) {
	g := group{from: to, to: to}
	for g.from > 0 {
		raw := journal[g.from-1]
		var e struct { // of an Event, what is needed
			Group, Undoes, Redoes uint64
			Kind                  Kind
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			return group{}, &DamageError{uint64(g.from), err.Error()}
		}
		if g.from == to {
			g.number, g.undoes, g.redoes = e.Group, e.Undoes, e.Redoes
		} else if e.Group != g.number {
			break
		}
		g.from--
		g.status = g.to-g.from == 1 && e.Kind == KindInfo && onlyStatus(raw)
	}
	return g, nil
}

// undoable returns the latest act that stands, and redoable the one that was taken back last, if no
// other came since; ErrNothing says that there is none. Both read the journal from its end and mostly
// find what they seek at once. The first group, which created the session, stands for good. A change
// of status is no part of this: what came before it can still be undone once the session is open
// again, and undoing never locks a session.
func undoable(journal [][]byte) (group, error) {
	undone := 0
	for to := len(journal); ; {
		g, err := groupBefore(journal, to)
		switch {
		case err != nil:
			return group{}, err
		case g.from == 0:
			return group{}, ErrNothing
		case g.status:
		case g.undoes != 0:
			undone++
		case undone > 0:
			undone--
		case g.redoes != 0:
			return groupOf(journal[:g.from], g.redoes)
		default:
			return g, nil
		}
		to = g.from
	}
}

func redoable(journal [][]byte) (group, error) {
	redone := 0
	for to := len(journal); ; {
		g, err := groupBefore(journal, to)
		switch {
		case err != nil:
			return group{}, err
		case g.status:
		case g.redoes != 0:
			redone++
		case g.undoes == 0:
			return group{}, ErrNothing
		case redone > 0:
			redone--
		default:
			return groupOf(journal[:g.from], g.undoes)
		}
		to = g.from
	}
}

// groupOf returns the group of that number.
func groupOf(journal [][]byte, number uint64) (group, error) {
	for to := len(journal); to > 0; {
		g, err := groupBefore(journal, to)
		if err != nil {
			return group{}, err
		}
		if g.number == number && g.from > 0 {
			return g, nil
		}
		to = g.from
	}
	return group{}, &DamageError{uint64(len(journal)) + 1, fmt.Sprintf("it undoes or redoes group %d, which is not there", number)}
}

// onlyStatus reports whether an event of the session's Info changes the status and nothing else.
func onlyStatus(raw []byte) bool {
	var e struct{ Before, After Info }
	if json.Unmarshal(raw, &e) != nil || e.Before.Status == e.After.Status {
		return false
	}
	e.Before.Status = e.After.Status
	return reflect.DeepEqual(e.Before, e.After)
}
