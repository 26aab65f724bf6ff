package bundle

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"plumbline/assessment"
	"plumbline/content/strictjson"
)

// ErrRefused says that a file is no bundle that can be relied on: what it holds is not what its
// manifest and its journals say, or it is of a later format.
var ErrRefused = errors.New("not a sound bundle")

// EntryError says why a bundle is refused: in which entry, "" for the file as a whole, and what is
// wrong there. It unwraps to ErrRefused and to the cause.
type EntryError struct {
	Entry string
	Err   error
}

func (e *EntryError) Error() string {
	if e.Entry == "" {
		return fmt.Sprintf("%v: %v", ErrRefused, e.Err)
	}
	return fmt.Sprintf("%v: entry %q: %v", ErrRefused, e.Entry, e.Err)
}

// Unwrap returns ErrRefused and the cause.
func (e *EntryError) Unwrap() []error { return []error{ErrRefused, e.Err} }

func refuse(entry, format string, args ...any) error {
	return &EntryError{entry, fmt.Errorf(format, args...)}
}

// Holds reports whether data begins as a bundle does, of whatever version: a ZIP whose first entry is the
// manifest of one. Then Read says more about it, also where it is damaged. A ZIP can also be a workbook or
// a pack. Nothing but the beginning is looked at.
func Holds(data []byte) bool {
	const head = 30 // bytes of a local header before the name (APPNOTE.TXT, 4.3.7)
	if len(data) < head || !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return false
	}
	method, named := binary.LittleEndian.Uint16(data[8:]), int(binary.LittleEndian.Uint16(data[26:]))
	from := head + named + int(binary.LittleEndian.Uint16(data[28:]))
	if len(data) < from || string(data[head:head+named]) != manifestName {
		return false
	}
	var begin [64]byte
	n := copy(begin[:], data[from:])
	if method == zip.Deflate {
		n, _ = io.ReadFull(flate.NewReader(bytes.NewReader(data[from:])), begin[:]) // what is there has been read
	}
	return manifestBegin().Match(begin[:n])
}

// manifestBegin is how a manifest begins, whatever version writes it.
var manifestBegin = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\{\s*"format"\s*:\s*"` + Format + `"`) })

// Read reads a bundle and checks all of it: the form of the ZIP and of its JSON, that its entries are
// exactly those that the manifest lists, with their sizes and hashes, that each journal holds together
// and ends where the manifest says, and that the records are those to which it leads. Whether the
// content of the records makes sense only the pack can tell: that is for assessment.LoadWith. A
// refusal is an *EntryError. What is returned holds parts of data, which the caller must not change.
func Read(data []byte) (*Contents, error) {
	entries, err := unarchive(data)
	if err != nil {
		return nil, err
	}
	c, m, err := readManifest(entries)
	if err != nil {
		return nil, err
	}
	rest := entries[1:]
	if len(rest) > 0 && rest[0].name == signatureName {
		c.Signature, rest = rest[0].data, rest[1:]
		if len(c.Signature) == 0 {
			return nil, refuse(signatureName, "it is empty")
		}
	}
	if err := compareFiles(m, rest); err != nil {
		return nil, err
	}
	for i, in := range m.Sessions {
		if i > 0 && in.ID <= m.Sessions[i-1].ID {
			return nil, refuse(manifestName, "session %s is there twice, or not in its place", in.ID)
		}
		names := sessionNames(in.ID, c.Redacted == nil)
		for i, name := range names {
			if len(rest) <= i || rest[i].name != name {
				return nil, refuse(name, "it is missing, or not in its place")
			}
		}
		s, err := readSession(in, rest[:len(names)])
		if err != nil {
			return nil, err
		}
		c.Sessions = append(c.Sessions, s)
		rest = rest[len(names):]
	}
	if len(c.Sessions) == 0 {
		return nil, refuse(manifestName, "it names no session")
	}
	for _, e := range rest {
		packs, err := readPacks(e)
		if err != nil {
			return nil, err
		}
		c.Packs = append(c.Packs, packs...)
	}
	packs, err := packEntries(c.Packs)
	if err != nil {
		return nil, refuse("", "%w", err)
	}
	return c, sameForm(packs, rest)
}

// sameForm compares entries with what Write makes of their contents: nothing is taken that it would
// not have written, such as a blank, an escape, or a record in another place.
func sameForm(made, entries []entry) error {
	for i, e := range made {
		if i >= len(entries) || entries[i].name != e.name {
			return refuse(e.name, "it is missing, or not in its place")
		}
		if !bytes.Equal(entries[i].data, e.data) {
			return refuse(e.name, "it is not in the form that format version %d has", FormatVersion)
		}
	}
	if len(made) < len(entries) {
		return refuse(entries[len(made)].name, "it has no place in a bundle")
	}
	return nil
}

// readManifest reads the first entry.
func readManifest(entries []entry) (*Contents, manifest, error) {
	var m manifest
	if len(entries) == 0 || entries[0].name != manifestName {
		return nil, m, refuse(manifestName, "it is not the first entry, so this is no bundle of Plumbline")
	}
	data := entries[0].data
	if err := strictjson.Check(data); err != nil {
		return nil, m, refuse(manifestName, "%w", err)
	}
	var head struct { // before the shape is judged, which another version may have changed
		Format        string `json:"format"`
		FormatVersion int    `json:"format_version"`
		Tool          Tool   `json:"tool"`
	}
	switch err := json.Unmarshal(data, &head); {
	case err != nil || head.Format != Format:
		return nil, m, refuse(manifestName, "its format is %q, not %q: this is no bundle of Plumbline", head.Format, Format)
	case head.FormatVersion != FormatVersion:
		return nil, m, refuse(manifestName, "its format version is %d and this version reads %d; use Plumbline %s, which wrote it, or later",
			head.FormatVersion, FormatVersion, head.Tool.Version)
	}
	if err := strictjson.Decode(data, &m); err != nil {
		return nil, m, refuse(manifestName, "%w", err)
	}
	c := &Contents{Tool: m.Tool, Manifest: data}
	var err error
	if c.Created, err = time.Parse(time.RFC3339, m.Created); err != nil {
		return nil, m, refuse(manifestName, "created: %q is not a time", m.Created)
	}
	if c.Redacted, err = ParseClasses(m.Redacted); err != nil {
		return nil, m, refuse(manifestName, "redacted: %w", err)
	}
	for _, s := range m.Sessions {
		if !assessment.IsID(s.ID) {
			return nil, m, refuse(manifestName, "sessions: %q is not the id of a session", s.ID)
		}
	}
	made, err := strictjson.Encode(m)
	if err != nil {
		return nil, m, refuse(manifestName, "%w", err)
	}
	return c, m, sameForm([]entry{{manifestName, made}}, entries[:1])
}

// compareFiles compares what the manifest lists with what there is.
func compareFiles(m manifest, entries []entry) error {
	have := make(map[string]bool, len(entries))
	for _, e := range entries {
		have[e.name] = true
	}
	listed := make(map[string]manifestFile, len(m.Files))
	for _, f := range m.Files {
		if listed[f.Name] = f; !have[f.Name] {
			return refuse(f.Name, "the manifest lists it, and it is missing")
		}
	}
	for _, e := range entries {
		switch f, ok := listed[e.name]; {
		case !ok:
			return refuse(e.name, "the manifest does not list it")
		case f.Size != len(e.data):
			return refuse(e.name, "it has %d bytes, not %d as the manifest says", len(e.data), f.Size)
		case f.SHA256 != sum(e.data):
			return refuse(e.name, "its SHA-256 is not the one that the manifest says")
		}
	}
	for i, f := range m.Files { // each is there; none twice, and all in their order
		if i >= len(entries) || entries[i].name != f.Name {
			return refuse(f.Name, "it is not in its place")
		}
	}
	return nil
}

// readSession reads the entries of a session: session.json, responses.jsonl and, unless it is
// redacted, journal.jsonl.
func readSession(in manifestSession, entries []entry) (Session, error) {
	s := Session{ID: in.ID, Name: in.Name, Stored: assessment.Stored{Records: make(map[string][]byte)}}
	s.Head.Seq = uint64(max(in.JournalLength, 0))
	if err := s.Head.Hash.UnmarshalText([]byte(in.JournalHead)); err != nil {
		return s, refuse(manifestName, "journal_head of session %s: %w", in.ID, err)
	}
	e := entries[0]
	if err := strictjson.Check(e.data); err != nil {
		return s, refuse(e.name, "%w", err)
	}
	var session struct {
		Records []record `json:"records"`
	}
	if err := json.Unmarshal(e.data, &session); err != nil {
		return s, refuse(e.name, "%w", err)
	}
	for _, r := range session.Records {
		if strings.HasPrefix(r.Record, responsePrefix) {
			return s, refuse(e.name, "the record %q has its place in responses.jsonl", r.Record)
		}
		s.Stored.Records[r.Record] = r.Value
	}

	e = entries[1]
	for i, line := range lines(e.data) {
		var r record
		err := strictjson.Check(line)
		if err == nil {
			err = json.Unmarshal(line, &r)
		}
		if err == nil && !strings.HasPrefix(r.Record, responsePrefix) {
			err = fmt.Errorf("the record %q is no response", r.Record)
		}
		if err != nil {
			return s, refuse(e.name, "line %d: %w", i+1, err)
		}
		s.Stored.Records[r.Record] = r.Value
	}
	if err := s.identify(); err != nil {
		return s, refuse(entries[0].name, "%w", err)
	}
	records, err := s.recordFiles()
	if err == nil {
		err = sameForm([]entry{{entries[0].name, records[0]}, {entries[1].name, records[1]}}, entries[:2])
	}
	if err != nil {
		return s, err
	}
	if len(entries) == 2 {
		return s, checkRedacted(entries, s)
	}

	e = entries[2]
	if !bytes.HasSuffix(e.data, []byte("\n")) {
		return s, refuse(e.name, "it does not end with a line feed")
	}
	for i, line := range lines(e.data) {
		if err := strictjson.Check(line); err != nil {
			return s, refuse(e.name, "line %d: %w", i+1, err)
		}
		s.Stored.Journal = append(s.Stored.Journal, line)
	}
	head, err := s.Stored.Verify()
	if err != nil {
		return s, refuse(e.name, "%w", err)
	}
	if head != s.Head {
		return s, refuse(e.name, "the journal ends at %v, not at %v as the manifest says", head, s.Head)
	}
	return s, nil
}

// redactedKinds are the kinds of records that a redacted session can have.
var redactedKinds = []assessment.Kind{
	assessment.KindInfo, assessment.KindPack, assessment.KindTier, assessment.KindBrand, assessment.KindResponse, assessment.KindBase,
	assessment.KindSystem, assessment.KindAction, assessment.KindAside,
}

// checkRedacted judges records that no journal stands for.
func checkRedacted(entries []entry, s Session) error {
	for k, raw := range s.Stored.Records {
		kind := kindOf(k)
		if _, err := textsIn(kind, raw); err != nil || !slices.Contains(redactedKinds, kind) {
			return refuse(entries[0].name, "the record %q is none that a redacted session has", k)
		}
	}
	return nil
}

// lines returns the lines of a file of lines. What follows the last line feed is a line, too, which
// the form of the file then refuses.
func lines(data []byte) [][]byte {
	if len(data) == 0 {
		return nil
	}
	list := bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
	for i := range list {
		list[i] = slices.Clip(list[i])
	}
	return list
}

// readPacks reads the entry of a pack.
func readPacks(e entry) ([]Pack, error) {
	var p packEntry
	if err := strictjson.Decode(e.data, &p); err != nil {
		return nil, refuse(e.name, "%w", err)
	}
	if packName(p.ID) != e.name {
		return nil, refuse(e.name, "it says that it is of the pack %q", p.ID)
	}
	var packs []Pack
	for _, v := range p.Versions {
		pack := Pack{ID: p.ID, Edition: v.Version, Facts: v.Facts}
		for _, f := range v.Files {
			file := PackFile{Name: f.Name, SHA256: f.SHA256}
			if f.Content != "" {
				if file.Content = []byte(f.Content); sum(file.Content) != f.SHA256 {
					return nil, refuse(e.name, "the SHA-256 of %q is not the one that it says", f.Name)
				}
			}
			pack.Files = append(pack.Files, file)
		}
		packs = append(packs, pack)
	}
	return packs, nil
}

// Relation says how a journal that came from elsewhere relates to the one that is at hand.
type Relation string

// The relations.
const (
	Same     Relation = "same"
	Behind   Relation = "behind"   // the one at hand is the beginning of the other one
	Ahead    Relation = "ahead"    // the other one is the beginning of the one at hand
	Diverged Relation = "diverged" // both went on, each in its own way
)

// Relate compares the journal at hand with another one of the same session. Common is how many events
// both begin with.
func Relate(have, other [][]byte) (r Relation, common int) {
	common = assessment.Common(have, other)
	switch {
	case common < len(have) && common < len(other):
		return Diverged, common
	case common < len(other):
		return Behind, common
	case common < len(have):
		return Ahead, common
	}
	return Same, common
}
