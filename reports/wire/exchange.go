package wire

import (
	"time"

	"plumbline/assessment"
)

// BundleFacts says what a bundle is.
type BundleFacts struct {
	File          string       `json:"file"`
	Bytes         int          `json:"bytes"`
	SHA256        string       `json:"sha256"`
	FormatVersion int          `json:"format_version"`
	Created       time.Time    `json:"created"`
	Tool          Tool         `json:"tool"` // that wrote it
	Encrypted     bool         `json:"encrypted"`
	Signature     Signature    `json:"signature"`
	Redacted      []string     `json:"redacted"` // what was taken out; empty in a bundle that is whole
	Packs         []BundlePack `json:"packs"`
}

// Signature says what a signature is worth. The key is "" where there is none, or none can be read.
type Signature struct {
	Verdict     Verdict `json:"verdict"`
	Signer      string  `json:"signer"`      // whose key it is by the list of known signers; "" where the list does not say
	Key         string  `json:"key"`         // "ssh-ed25519 AAAA…"
	Fingerprint string  `json:"fingerprint"` // of the key: "SHA256:…"
	Problem     string  `json:"problem"`     // why the verdict is bad or unknown_signer
}

// Verdict says in one word what is known of who signed a file.
type Verdict string

// The verdicts on signatures.
const (
	Valid         Verdict = "valid"          // it fits, and its key is that of a known signer, or the one that just signed
	UnknownSigner Verdict = "unknown_signer" // it fits, and anybody can have made it
	Unsigned      Verdict = "unsigned"       // there is none
	BadSignature  Verdict = "bad"            // it does not fit, or is none
)

// BundlePack is a pack that the sessions of a bundle need. Whole says whether its files are in the
// bundle, or their hashes alone.
type BundlePack struct {
	ID      string `json:"id"`
	Version int    `json:"version"` // the edition
	Facts   string `json:"facts_sha256"`
	Whole   bool   `json:"whole"`
}

// Exported is the data of KindExport: a bundle that was written, or with dry_run one that would be.
type Exported struct {
	DryRun   bool          `json:"dry_run"`
	Bundle   BundleFacts   `json:"bundle"`
	Sessions []ExportedRow `json:"sessions"`
	Findings []RedactedRow `json:"findings"` // of a redaction
}

// ExportedRow is a session that was exported, under the names that it has in the store.
type ExportedRow struct {
	ID           string          `json:"id"`
	Organization string          `json:"organization"`
	Name         string          `json:"name"`
	Events       uint64          `json:"events"` // of its journal
	Head         assessment.Head `json:"journal_head"`
}

// RedactedRow says what a redaction did to one field of the records, in how many places.
type RedactedRow struct {
	Field   string `json:"field"`   // kind of record and path of members: "response.evidence.ref"
	Class   string `json:"class"`   // notes, names, evidence or organization; "" where only something inside was replaced
	Outcome string `json:"outcome"` // removed, masked, renamed, or replaced inside
	Count   int    `json:"count"`
}

// Imported is the data of KindImport: what an import did, or with dry_run what it would do. A bundle
// has sessions; any other file goes into one session, and has scales and changes.
type Imported struct {
	File     string          `json:"file"` // its name, without the folder
	Format   string          `json:"format"`
	SHA256   string          `json:"sha256"`
	DryRun   bool            `json:"dry_run"`
	Counts   ImportCounts    `json:"counts"`
	Scales   []ImportScale   `json:"scales"` // of the file that are not ours
	Changes  []ImportChange  `json:"changes"`
	Problems []ImportProblem `json:"problems"`
	Sessions []ImportedRow   `json:"sessions"`
	Bundle   *BundleFacts    `json:"bundle"` // null where the file is none
	Backup   string          `json:"backup"` // file that the store was saved to before; "" where nothing was changed
	Events   []EventRow      `json:"events"` // of acts that the import itself did; the history in a bundle is not among them
}

// ImportCounts counts what a file holds by what becomes of it: sessions of a bundle, else fields.
type ImportCounts struct {
	New      int `json:"new"`
	Changed  int `json:"changed"`
	Same     int `json:"same"`
	Skipped  int `json:"skipped"`
	Unmapped int `json:"unmapped"` // values of another scale for which no rating was chosen
	Conflict int `json:"conflict"`
}

// Outcome says what becomes of something that a file holds.
type Outcome string

// The outcomes. Of a field there are only New, Changed and Conflict.
const (
	New      Outcome = "new"
	Changed  Outcome = "changed"
	Same     Outcome = "same"
	Skipped  Outcome = "skipped"  // the store is ahead of the file
	Conflict Outcome = "conflict" // both went on, each in its own way
	Copied   Outcome = "copied"   // as a new session
	Mended   Outcome = "mended"   // only its summary was damaged, and was made anew; of store restore alone
)

// Add counts one more of an outcome. What is copied is new.
func (c *ImportCounts) Add(o Outcome) {
	switch o {
	case New, Copied:
		c.New++
	case Changed:
		c.Changed++
	case Same:
		c.Same++
	case Skipped:
		c.Skipped++
	case Conflict:
		c.Conflict++
	}
}

// ImportPlace is where in a file something stands. What does not apply is "" or null.
type ImportPlace struct {
	Sheet  string `json:"sheet"`
	Row    *int   `json:"row"`
	Column string `json:"column"`
	Path   string `json:"path"` // in JSON
}

// ImportScale is a scale of a file, and what its values become: base rating or current.
type ImportScale struct {
	Name   string             `json:"name"`
	Rates  string             `json:"rates"`
	Values []ImportScaleValue `json:"values"`
}

// ImportScaleValue is a value of a scale. Chosen is null where it is not applied.
type ImportScaleValue struct {
	Value    string            `json:"value"`
	Count    int               `json:"count"`
	Proposed assessment.Rating `json:"proposed"`
	Chosen   assessment.Rating `json:"chosen"`
}

// ImportChange is a field that becomes another one, or in a conflict is left as it is.
type ImportChange struct {
	ImportPlace
	Outcome Outcome `json:"outcome"` // New, Changed or Conflict
	About   string  `json:"about"`
	Field   string  `json:"field"`
	Before  string  `json:"before"`
	After   string  `json:"after"`
	Why     string  `json:"why"` // of a conflict
}

// ImportProblem is something in a file that needs a person's eye.
type ImportProblem struct {
	ImportPlace
	Severity string `json:"severity"` // notice, or skipped: it is not taken over
	Value    string `json:"value"`
	Text     string `json:"text"` // what is wrong, and what to do
}

// ImportedRow is a session that an import is about.
type ImportedRow struct {
	ID           string           `json:"id"` // that it has in the store
	From         string           `json:"from"`
	Organization string           `json:"organization"`
	Name         string           `json:"name"`
	Outcome      Outcome          `json:"outcome"`
	Events       uint64           `json:"events"`       // that the file has
	Stored       uint64           `json:"stored"`       // that the store has
	Added        uint64           `json:"added"`        // that the import adds
	Head         *assessment.Head `json:"journal_head"` // after the import; null where there is a conflict
}
