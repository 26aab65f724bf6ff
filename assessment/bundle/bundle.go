// Package bundle writes and reads bundles: .plumb files, in which sessions travel whole, with their
// journals, or redacted. A bundle is a ZIP whose entries stand in a fixed order:
//
//	manifest.json                   what the bundle holds, and size and hash of every entry below
//	manifest.json.sig               a signature of the manifest; not there in an unsigned bundle
//	sessions/<uuid>/session.json    the session's records but its responses
//	sessions/<uuid>/responses.jsonl its responses, one a line
//	sessions/<uuid>/journal.jsonl   its journal, one event a line, each as it was stored; not there
//	                                in a redacted bundle
//	packs/<pack-id>.json            the packs that the sessions need
//
// The package is pure: the same contents give the same bytes, and what is read is given as bytes.
// Package sealed encrypts bundles, which is a matter of chance.
package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/content/strictjson"
)

// Format and FormatVersion are what the manifest of a bundle says it is.
const (
	Format        = "plumb"
	FormatVersion = 1
)

// Contents is what a bundle holds.
type Contents struct {
	Created  time.Time // to the second
	Tool     Tool      // that wrote the bundle
	Redacted []Class   // what was taken out, sorted; nil in a bundle that is lossless
	Sessions []Session
	Packs    []Pack

	// Signature is the entry of that name, nil in an unsigned bundle. It is over exactly the bytes of
	// the manifest: those in Manifest, as Read found them, or those that ManifestOf returns for
	// Contents that are to be written. Neither Read nor Write judges it, and Write ignores Manifest.
	Manifest  []byte
	Signature []byte
}

// Tool is a program and its version.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Session is a session in a bundle. In a redacted bundle Stored has no journal, and Head is that of
// the session from which it was cut; else Head is that of the journal.
type Session struct {
	ID     string
	Name   string
	Head   assessment.Head
	Stored assessment.Stored
}

// SessionOf returns a session as a bundle holds it, after Stored.Verify.
func SessionOf(st assessment.Stored) (Session, error) {
	head, err := st.Verify()
	if err != nil {
		return Session{}, err
	}
	in, err := infoOf(st.Records)
	return Session{in.ID, in.Name, head, st}, err
}

// Organization returns the organization that the session is about.
func (s Session) Organization() string {
	in, _ := infoOf(s.Stored.Records) // which was read when s was made
	return in.Organization
}

// Pins returns the packs to which a session is or was pinned, the present one first.
func Pins(st assessment.Stored) []assessment.PackPin {
	var pins []assessment.PackPin
	add := func(raw []byte) {
		var pin assessment.PackPin
		if json.Unmarshal(raw, &pin) != nil || pin.ID == "" {
			return
		}
		if !slices.ContainsFunc(pins, func(p assessment.PackPin) bool { return p.ID == pin.ID && p.Facts == pin.Facts }) {
			pins = append(pins, pin)
		}
	}
	add(st.Records[string(assessment.KindPack)+"/"])
	for _, raw := range st.Journal {
		if !bytes.Contains(raw, []byte(`"`+assessment.KindPack+`"`)) && !bytes.Contains(raw, []byte(`\u`)) {
			continue // whatever it is about, which takes longer to find out
		}
		if e, err := assessment.DecodeEvent(raw); err == nil && e.Kind == assessment.KindPack {
			add(e.After)
		}
	}
	return pins
}

// infoOf reads what a session says of itself.
func infoOf(records map[string][]byte) (in assessment.Info, err error) {
	if err = json.Unmarshal(records[infoRecord], &in); err != nil {
		return in, fmt.Errorf("record %q: %w", infoRecord, err)
	}
	if !assessment.IsID(in.ID) {
		return in, fmt.Errorf("record %q: its id %q is not that of a session", infoRecord, in.ID)
	}
	return in, nil
}

const (
	infoRecord     = string(assessment.KindInfo) + "/"
	responsePrefix = string(assessment.KindResponse) + "/"
)

// Pack is a pack that the sessions of a bundle need. Files are all of its files, by name. Those of a
// pack that the writing program has built in are named by their hashes alone: Content is nil then.
type Pack struct {
	ID    string
	Facts string // hex SHA-256
	// Edition of the wording, with the same facts.
	Edition int
	Files   []PackFile
}

// PackFile is a file of a pack.
type PackFile struct {
	Name    string
	SHA256  string // hex
	Content []byte // nil where only the hash is told
}

// Whole reports whether the bundle carries the files of the pack.
func (p Pack) Whole() bool {
	return !slices.ContainsFunc(p.Files, func(f PackFile) bool { return f.Content == nil })
}

// Names of entries.
const (
	manifestName  = "manifest.json"
	signatureName = "manifest.json.sig"
)

func sessionNames(id string, journal bool) []string {
	names := []string{"sessions/" + id + "/session.json", "sessions/" + id + "/responses.jsonl"}
	if journal {
		names = append(names, "sessions/"+id+"/journal.jsonl")
	}
	return names
}

func packName(id string) string { return "packs/" + id + ".json" }

// The JSON of the entries.
type (
	manifest struct {
		Format        string            `json:"format"`
		FormatVersion int               `json:"format_version"`
		Created       string            `json:"created"` // RFC 3339, UTC
		Tool          Tool              `json:"tool"`
		Redacted      []string          `json:"redacted,omitempty"`
		Sessions      []manifestSession `json:"sessions"`
		Files         []manifestFile    `json:"files"`
	}
	manifestSession struct {
		ID            string `json:"id"`
		Name          string `json:"name"`
		JournalLength int    `json:"journal_length"`
		JournalHead   string `json:"journal_head"`
	}
	manifestFile struct {
		Name   string `json:"name"`
		Size   int    `json:"size"`
		SHA256 string `json:"sha256"`
	}
	packEntry struct {
		ID       string        `json:"id"`
		Versions []packVersion `json:"versions"`
	}
	packVersion struct {
		Version int             `json:"version"` // the edition
		Facts   string          `json:"facts_sha256"`
		Files   []packEntryFile `json:"files"`
	}
	packEntryFile struct {
		Name    string `json:"name"`
		SHA256  string `json:"sha256"`
		Content string `json:"content,omitempty"`
	}
	// record is a record of a session: one line of responses.jsonl, one element of session.json.
	record struct {
		Record string          `json:"record"`
		Value  json.RawMessage `json:"value"`
	}
)

// entry is an entry of the ZIP.
type entry struct {
	name string
	data []byte
}

// Write writes a bundle, in one call of w.Write. The order of sessions and packs does not matter. What
// Read would refuse is refused here, too: a session that is not what its journal says, and a bundle
// that is too large.
func Write(w io.Writer, c Contents) error {
	entries, err := c.entries()
	if err != nil {
		return fmt.Errorf("write a bundle: %w", err)
	}
	if c.Signature != nil {
		entries = slices.Insert(entries, 1, entry{signatureName, c.Signature})
	}
	data, err := archive(entries)
	if err != nil {
		return fmt.Errorf("write a bundle: %w", err)
	}
	_, err = w.Write(data)
	return err
}

// ManifestOf returns the bytes of the manifest of a bundle that is to be written, which are what a
// signature is made of. What Write would refuse for its sessions or packs is refused here, too.
func ManifestOf(c Contents) ([]byte, error) {
	entries, err := c.entries()
	if err != nil {
		return nil, fmt.Errorf("write a bundle: %w", err)
	}
	return entries[0].data, nil
}

// entries returns the entries of a bundle, in their order, but its signature.
func (c Contents) entries() ([]entry, error) {
	if len(c.Sessions) == 0 {
		return nil, errors.New("there is no session to put into it")
	}
	var list []entry
	for _, s := range c.sorted() {
		if err := c.judge(s); err != nil {
			return nil, fmt.Errorf("session %s: %w", s.ID, err)
		}
		files, err := s.files()
		if err != nil {
			return nil, fmt.Errorf("session %s: %w", s.ID, err)
		}
		for i, name := range sessionNames(s.ID, c.Redacted == nil) {
			list = append(list, entry{name, files[i]})
		}
	}
	packs, err := packEntries(c.Packs)
	if err != nil {
		return nil, err
	}
	list = append(list, packs...)

	m := c.manifest()
	seen := make(map[string]bool, len(list))
	for _, e := range list {
		if !plainName(e.name) {
			return nil, fmt.Errorf("%q is not a name that an entry can have", e.name)
		}
		if seen[e.name] {
			return nil, fmt.Errorf("%q would be there twice", e.name)
		}
		seen[e.name] = true
		m.Files = append(m.Files, manifestFile{e.name, len(e.data), sum(e.data)})
	}
	data, err := strictjson.Encode(m)
	if err != nil {
		return nil, err
	}
	return slices.Insert(list, 0, entry{manifestName, data}), nil
}

// manifest returns the manifest without its files.
func (c Contents) manifest() manifest {
	m := manifest{
		Format: Format, FormatVersion: FormatVersion, Created: c.Created.UTC().Format(time.RFC3339), Tool: c.Tool,
		Sessions: []manifestSession{}, Files: []manifestFile{},
	}
	for _, class := range c.Redacted {
		m.Redacted = append(m.Redacted, string(class))
	}
	for _, s := range c.sorted() {
		m.Sessions = append(m.Sessions, manifestSession{s.ID, s.Name, int(s.Head.Seq), s.Head.Hash.String()})
	}
	return m
}

func (c Contents) sorted() []Session {
	return slices.SortedFunc(slices.Values(c.Sessions), func(a, b Session) int { return strings.Compare(a.ID, b.ID) })
}

// judge says why a session can not stand in the bundle.
func (c Contents) judge(s Session) error {
	if err := s.identify(); err != nil {
		return err
	}
	if c.Redacted != nil {
		if len(s.Stored.Journal) > 0 {
			return errors.New("it is redacted and has a journal")
		}
		return nil
	}
	head, err := s.Stored.Verify()
	if err == nil && head != s.Head {
		err = fmt.Errorf("its journal ends at %v, not at %v", head, s.Head)
	}
	return err
}

// identify compares what the manifest says of a session with what it says of itself.
func (s Session) identify() error {
	in, err := infoOf(s.Stored.Records)
	if err == nil && (in.ID != s.ID || in.Name != s.Name) {
		err = fmt.Errorf("the manifest calls it %s %q, its own record %s %q", s.ID, s.Name, in.ID, in.Name)
	}
	return err
}

// files returns session.json, responses.jsonl and journal.jsonl.
func (s Session) files() ([][]byte, error) {
	files, err := s.recordFiles()
	if err != nil {
		return nil, err
	}
	var journal bytes.Buffer
	for i, raw := range s.Stored.Journal {
		if bytes.IndexByte(raw, '\n') >= 0 {
			return nil, fmt.Errorf("event %d is stored in more than one line", i+1)
		}
		journal.Write(raw)
		journal.WriteByte('\n')
	}
	return append(files, journal.Bytes()), nil
}

// recordFiles returns session.json and responses.jsonl.
func (s Session) recordFiles() ([][]byte, error) {
	var session, responses bytes.Buffer
	session.WriteString(`{"records":[`)
	for _, k := range slices.Sorted(maps.Keys(s.Stored.Records)) {
		line, err := recordLine(k, s.Stored.Records[k])
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(k, responsePrefix) {
			responses.Write(append(line, '\n'))
			continue
		}
		if session.Len() > len(`{"records":[`) {
			session.WriteByte(',')
		}
		session.WriteByte('\n')
		session.Write(line)
	}
	session.WriteString("\n]}\n")
	return [][]byte{session.Bytes(), responses.Bytes()}, nil
}

// recordLine is a record in one line, its value as it is stored.
func recordLine(key string, value []byte) ([]byte, error) {
	if bytes.IndexByte(value, '\n') >= 0 {
		return nil, fmt.Errorf("record %q is stored in more than one line", key)
	}
	name, err := json.Marshal(key)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"record":%s,"value":%s}`, name, value), nil
}

// packEntries returns one entry for each id of a pack.
func packEntries(packs []Pack) ([]entry, error) {
	byID := make(map[string]*packEntry)
	for _, p := range slices.SortedFunc(slices.Values(packs), func(a, b Pack) int { return strings.Compare(a.Facts, b.Facts) }) {
		if byID[p.ID] == nil {
			byID[p.ID] = &packEntry{ID: p.ID}
		}
		v := packVersion{p.Edition, p.Facts, []packEntryFile{}}
		for _, f := range p.Files {
			if f.Content != nil && sum(f.Content) != f.SHA256 {
				return nil, fmt.Errorf("pack %s: %s is not the file of that hash", p.ID, f.Name)
			}
			v.Files = append(v.Files, packEntryFile{f.Name, f.SHA256, string(f.Content)})
		}
		byID[p.ID].Versions = append(byID[p.ID].Versions, v)
	}
	var list []entry
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		data, err := strictjson.Encode(byID[id])
		if err != nil {
			return nil, err
		}
		list = append(list, entry{packName(id), data})
	}
	return list, nil
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}
