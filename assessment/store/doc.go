// Package store keeps assessments in one bbolt file: the records and the journal of every session,
// written together, on disk before the caller hears that they are saved.
//
// # The file
//
// The root of the database holds a bucket "plumbline" and one bucket for each session:
//
//	plumbline           the header, always readable as it stands
//	    schema          "1", the layout described here, or "2", the same sealed (see migrate.go)
//	    readable from   the first version of Plumbline that reads this schema
//	    written by      the version that wrote last
//	    recent          the buckets of the sessions changed last, each behind its length (uvarint)
//	    encryption      of a sealed store: its id and key slots (see slots.go)
//	    erase           present while the file may still hold what was deleted or replaced
//	s/<session id>
//	    !head           the end of the journal: sequence (8 bytes, big endian) and hash (32 bytes)
//	    !place          where the walk stopped, an item id; not part of the assessment
//	    !sum            the session's summary (see summary.go)
//	    <kind>/<subject>  a record, as JSON: "session/", "response/GV.OC-01/secure", …
//	    ~<sequence>     an event of the journal, 8 bytes big endian, the bytes that its hash covers
//
// What one answer changes (an event, a record, the head, the summary) lies in one bucket, since each
// further bucket costs pages to write. Summaries are the first thing in a bucket, and lists read
// nothing else. Keys and values of a session pass the codec (codec.go) and nothing else knows how
// they stand in the file.
//
// In a sealed store the names of the buckets and all keys are 16 bytes of an HMAC, and all values are
// encrypted (see seal.go); so is the list of recent sessions, under a key like the others. A bucket has
// one value more, "!id", the id of its session. What can be read without the passphrase is the rest of
// the header, and of everything else how much there is of it.
//
// # The folder
//
// Beside plumbline.db there can be
//
//	backups/                               older copies, plumbline.db.20260131T090000.000Z
//	backups/.plumbline.db.draft            one in progress, or cut off; the next open removes it
//	.plumbline.db.rewrite                  a rewrite in progress, or cut off; the next one replaces it
//	.plumbline.db.restore                  a restore in progress, or cut off; likewise
//	plumbline.db.aside-20260131T090000.000Z  what a restore has moved aside
//	.plumbline.db-*.new                    a store being created, or cut off; the next open removes it
//	plumbline.db.lock                      who restores, or creates without hard links, may go first
//	plumbline.db.pid                       not on Linux: the process that has the store open
//
// Every file is for its owner alone (0600), folders that the store makes are too (0700).
//
// # What holds
//
// One goroutine owns the database. It turns panics and memory faults on a damaged or vanished file
// into errors. One process at a time has a store open for writing, or several for reading; others get
// a *BusyError at once. A file is created complete or not at all. A file that is no store, is cut off
// or belongs to a newer version is refused and not changed. One of an older layout is brought into the
// present one step by step, each in one transaction, after a backup (migrate.go).
package store
