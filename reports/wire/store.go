package wire

import (
	"time"

	"plumbline/assessment"
)

// StoreProtection is the data of KindStoreProtection: how a store is protected after encrypt, decrypt or
// passwd.
type StoreProtection struct {
	Store     string `json:"store"` // path
	Encrypted bool   `json:"encrypted"`
	// OtherBackups are the paths of the backups that are not protected as the store is now, newest first;
	// RemovedBackups those that were and were removed.
	OtherBackups   []string `json:"other_backups"`
	RemovedBackups []string `json:"removed_backups"`
}

// StoreBackup is the data of KindStoreBackup.
type StoreBackup struct {
	Store  string `json:"store"`
	Backup string `json:"backup"` // path of the copy that was made
}

// StoreBackups is the data of KindStoreBackups.
type StoreBackups struct {
	Store   string      `json:"store"`
	Backups []BackupRow `json:"backups"` // newest first
}

// BackupRow is a backup in a list. Of one that is not whole only path, time and size are known.
type BackupRow struct {
	Path      string     `json:"path"`
	Made      time.Time  `json:"made"`
	Bytes     int64      `json:"bytes"`
	Whole     bool       `json:"whole"`
	Encrypted *bool      `json:"encrypted"`
	Sessions  *int       `json:"sessions"`
	Changed   *time.Time `json:"changed"` // the last change of a session; null also where it is encrypted
	Problem   string     `json:"problem"` // why it is not whole
}

// Restored is the data of KindStoreRestore.
type Restored struct {
	Store  string `json:"store"`
	Backup string `json:"backup"` // path of what was restored from
	// Swapped: the whole store was replaced. Aside is then the path of what was there, "" where nothing
	// was.
	Swapped  bool          `json:"swapped"`
	Aside    string        `json:"aside"`
	Sessions []RestoredRow `json:"sessions"` // that were chosen; none where the store was replaced
}

// RestoredRow is a session that was chosen out of a backup: New where the store did not have it and has it
// now as it was, Copied where it became a session of its own, Same where the store has it as it is, Mended
// where the store had its journal and not its summary, which was made anew.
type RestoredRow struct {
	ID           string           `json:"id"`   // in the store
	From         string           `json:"from"` // in the backup
	Organization string           `json:"organization"`
	Name         string           `json:"name"`
	Outcome      Outcome          `json:"outcome"`
	Events       uint64           `json:"events"` // that it has in the backup
	Head         *assessment.Head `json:"journal_head"`
}

// Compacted is the data of KindStoreCompact.
type Compacted struct {
	Store  string `json:"store"`
	Before int64  `json:"bytes_before"`
	After  int64  `json:"bytes_after"`
	// Mended are the ids of the sessions whose summary was damaged and was made anew from their journal.
	Mended []string `json:"mended"`
}

// Examined is the data of KindStoreDoctor.
type Examined struct {
	Store  string       `json:"store"`
	OK     bool         `json:"ok"`   // no check failed, and none was impossible
	Busy   bool         `json:"busy"` // another process has the store open, so that it could not be checked inside
	Checks []ExaminedBy `json:"checks"`
}

// ExaminedBy is what one check found.
type ExaminedBy struct {
	Check   string `json:"check"`
	Verdict string `json:"verdict"` // ok, note, warning, failed
	Text    string `json:"text"`
	Advice  string `json:"advice"`
}
