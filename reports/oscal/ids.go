package oscal

import (
	"crypto/fips140"
	"crypto/sha1"
	"fmt"

	"plumbline/assessment"
)

// NS marks the props that are Plumbline's own.
const NS = assessment.OSCALNamespace

// nistNS marks the few props that NIST defines and that are used here, on risks alone: priority and
// accepted.
const nistNS = "http://csrc.nist.gov/ns/oscal"

// namespace is Plumbline's own for UUIDs: that of version 5 of NS among the URLs (RFC 9562, 6.6).
var namespace = [16]byte{0x2f, 0x3a, 0xd2, 0xc5, 0xcc, 0x15, 0x5a, 0x92, 0xba, 0xf9, 0xeb, 0x29, 0xfb, 0x49, 0x73, 0xbd}

// uuid returns the UUID of version 5 of a name in Plumbline's namespace.
func uuid(name string) string {
	var sum [sha1.Size]byte
	// The standard wants SHA-1, to name something and not to protect it: so it is right where only
	// approved cryptography may run, too.
	fips140.WithoutEnforcement(func() { sum = sha1.Sum(append(namespace[:], name...)) })
	id := sum[:16]
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// The kinds of things that have a UUID. With the session's id and a key they make its name, so that a
// thing keeps its UUID in every export, and has the same one in each document.
const (
	document        = "document" // key: its model
	resultSet       = "result"
	organization    = "organization"
	person          = "person"      // key: the name
	observationKind = "observation" // key: the item
	findingKind     = "finding"     // key: the item
	riskKind        = "risk"        // key: the item
	remediation     = "remediation" // key: action and item
	taskKind        = "task"        // key: action, item and the milestone's number
	actionItem      = "action"      // key: the action; a POA&M item
	gapItem         = "gap"         // key: the item; a POA&M item without an action
	emptyItem       = "nothing"     // the POA&M item where there is nothing to do
	resourceKind    = "resource"    // key: which
)

// id returns the UUID of a thing of the session.
func (b *builder) id(kind, key string) string { return uuid(b.info.ID + "/" + kind + "/" + key) }
