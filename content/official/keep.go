package official

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"plumbline/content"
	"plumbline/content/internal/packfile"
)

// FileName is what the file is called in which a user's copy of the wording is kept.
const FileName = "official-csf-2.0.json"

const (
	keptFormat  = "plumbline-official-wording"
	keptVersion = 1
)

// kept is the file. SHA256 is that of the entries, as encoding/json writes them: words that are shown
// as NIST's are those that were read.
type kept struct {
	Format    string      `json:"format"`
	Version   int         `json:"format_version"`
	Note      string      `json:"note"`
	Source    keptSource  `json:"source"`
	Withdrawn int         `json:"withdrawn"`
	Notices   []string    `json:"notices"`
	SHA256    string      `json:"entries_sha256"`
	Entries   []keptEntry `json:"entries"`
}

type keptSource struct {
	Kind    string `json:"kind"`
	Title   string `json:"title"`
	Version string `json:"version"`
	File    string `json:"file"`
	SHA256  string `json:"sha256"`
}

type keptEntry struct {
	ID       string   `json:"id"`
	Text     string   `json:"text"`
	Examples []string `json:"examples"`
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Encode returns the file in which the wording is kept. The same wording gives the same bytes.
func (w *Wording) Encode() ([]byte, error) {
	k := kept{
		Format: keptFormat, Version: keptVersion,
		Note:      "NIST's official wording of the CSF 2.0 Core, as read from the source named here.",
		Source:    keptSource{string(w.Source.Kind), w.Source.Title, w.Source.Version, w.Source.File, w.Source.SHA256},
		Withdrawn: w.Withdrawn, Notices: list(w.Notices),
	}
	for _, e := range w.entries {
		k.Entries = append(k.Entries, keptEntry{e.ID, e.Text, list(e.Examples)})
	}
	var err error
	if k.SHA256, err = sumOf(k.Entries); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err = enc.Encode(k)
	return b.Bytes(), err
}

func sumOf(entries []keptEntry) (string, error) {
	raw, err := json.Marshal(entries)
	return packfile.Sum(raw), err
}

// Decode reads a file that Encode made. Anything else, or a file that was changed since, is refused
// with a *FileError.
func Decode(data []byte) (*Wording, error) {
	w, err := decode(data)
	if err != nil {
		return nil, refused(FileName, err)
	}
	return w, nil
}

func decode(data []byte) (*Wording, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("has %d bytes, at most %d are read", len(data), MaxSize)
	}
	var k kept
	if err := packfile.Decode(data, &k); err != nil {
		return nil, err
	}
	src := Source{Kind(k.Source.Kind), k.Source.Title, k.Source.Version, k.Source.File, k.Source.SHA256}
	switch sum, err := sumOf(k.Entries); {
	case err != nil:
		return nil, err
	case k.Format != keptFormat || k.Version != keptVersion:
		return nil, fmt.Errorf("is in the format %.40q %d, where %q %d is read", k.Format, k.Version, keptFormat, keptVersion)
	case sum != k.SHA256:
		return nil, errors.New("was changed or damaged: its texts are not those that were read from NIST's file")
	case src.Kind.Name() == "":
		return nil, at("source.kind", fmt.Errorf("is %.40q, which is none", k.Source.Kind))
	}
	for _, s := range append([]string{k.Source.Title, k.Source.Version, k.Source.File, k.Source.SHA256}, k.Notices...) {
		if clean, _ := content.Clean(s); clean != s {
			return nil, errors.New("was changed or damaged: it holds text that was never written to it")
		}
	}
	c, err := newCollector()
	if err != nil {
		return nil, err
	}
	for i, e := range k.Entries {
		path := fmt.Sprintf("entries[%d]", i)
		entry, err := c.add(e.ID, parentOf(e.ID), e.Text)
		if err != nil {
			return nil, at(path, err)
		}
		for _, text := range e.Examples {
			if entry == nil {
				break
			}
			if err := c.example(entry, text); err != nil {
				return nil, at(path, err)
			}
		}
	}
	w, err := c.finish(src)
	if err != nil {
		return nil, err
	}
	w.Withdrawn, w.Notices = k.Withdrawn, k.Notices
	return w, nil
}
