package assessment

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"plumbline/content"
)

// Changes says what differs between two states of a session.
type Changes struct {
	Items   []ItemChange   // whose response or state differs, in Core order
	Records []RecordChange // other records that differ, in the order of their kinds and ids
}

// ItemChange is an item that differs. Before or After has no Item where the pack of that state does
// not have it.
type ItemChange struct {
	ID            content.ItemID
	Before, After Entry
	Fields        []Field // that differ, at least one
}

// Field names what can differ about an item.
type Field string

// The fields, in the order in which they are listed.
const (
	FieldState    Field = "state" // also by the session's path or scope
	FieldCurrent  Field = "current"
	FieldTarget   Field = "target" // or its rationale
	FieldReason   Field = "reason" // why it is out of profile
	FieldPriority Field = "priority"
	FieldEvidence Field = "evidence"
	FieldAccepted Field = "accepted"
	FieldOwner    Field = "owner"
	FieldAsked    Field = "asked"
	FieldNote     Field = "note"
	FieldConfirm  Field = "to_confirm"
)

// Words says each difference: "current 1 → 2", "note changed". Where there was or is nothing, it says
// "–". A text that is long is only said to have changed.
func (c ItemChange) Words() []string {
	was, now := c.Before.Response, c.After.Response
	if was == nil || now == nil {
		side := "no longer in the pack"
		if was == nil {
			side = "new in the pack"
		}
		return []string{side}
	}
	var out []string
	for _, f := range c.Fields {
		from, to := "", ""
		switch f {
		case FieldState:
			if c.Before.State.InProfile() && c.After.State.InProfile() {
				continue // rated or not: the rating tells
			}
			from, to = c.Before.State.Words(), c.After.State.Words()
		case FieldCurrent:
			from, to = was.Current.String(), now.Current.String()
			if was.Current == now.Current {
				from, to = inheritance(was.Inherited), inheritance(now.Inherited)
			}
		case FieldTarget:
			from, to = was.Target.String(), now.Target.String()
		case FieldPriority:
			from, to = c.Before.Priority.String(), c.After.Priority.String()
		case FieldEvidence:
			from, to = evidenceWords(was), evidenceWords(now)
		case FieldAccepted:
			from, to = was.Accepted.until(), now.Accepted.until()
		}
		name := strings.ReplaceAll(string(f), "_", " ")
		switch {
		case f == FieldReason && (was.Out == "" || now.Out == ""):
			continue // the state tells
		case from == to:
			out = append(out, name+" changed")
		default:
			out = append(out, name+" "+from+" → "+to)
		}
	}
	return out
}

func inheritance(yes bool) string {
	if yes {
		return "inherited"
	}
	return "by hand"
}

func evidenceWords(r *Response) string {
	if len(r.Evidence) == 0 {
		return "none"
	}
	return fmt.Sprintf("%d %s", len(r.Evidence), r.Grade())
}

func (a *Acceptance) until() string {
	if a == nil {
		return "no"
	}
	return "until " + string(a.Expires)
}

// RecordChange is a record beside the responses that differs. Subject is as in an Event.
type RecordChange struct {
	Kind    Kind
	Subject string
	How     How
}

// Words says which record, and what became of it: "action A-3 added".
func (c RecordChange) Words() string {
	name, ok := recordWords[c.Kind]
	if !ok {
		name = string(c.Kind)
	}
	if c.Subject != "" {
		name += " " + c.Subject
	}
	return name + " " + string(c.How)
}

var recordWords = map[Kind]string{
	KindInfo: "scope and name", KindTier: "Tier statement", KindBrand: "look of reports", KindBase: "base rating",
	KindSystem: "AI system", KindAside: "what was put aside for",
}

// How says what became of a record.
type How string

// What can become of a record.
const (
	Added   How = "added"
	Removed How = "removed"
	Changed How = "changed"
)

// Changes returns what differs between an earlier state and this one. Who signed an answer, and when,
// is no difference, and neither is a labeled snapshot or the mark of a merge.
func (s *Snapshot) Changes(before *Snapshot) (Changes, error) {
	var c Changes
	for after := range s.Entries() {
		var was Entry
		if i, ok := before.cat.Index(after.Item.ID); ok {
			was = before.Entry(i)
		}
		c.add(after.Item.ID, was, after)
	}
	for was := range before.Entries() {
		if _, ok := s.cat.Index(was.Item.ID); !ok {
			c.add(was.Item.ID, was, Entry{})
		}
	}
	seen := make(map[key]bool)
	for _, state := range []*Snapshot{before, s} {
		for k := range state.keys() {
			if k.kind == KindResponse || k.kind == KindSnapshot || k.kind == KindMerge || seen[k] {
				continue
			}
			seen[k] = true
			was, err := before.record(k)
			if err != nil {
				return Changes{}, err
			}
			now, err := s.record(k)
			if err != nil {
				return Changes{}, err
			}
			how := Changed
			switch {
			case bytes.Equal(was, now):
				continue
			case was == nil:
				how = Added
			case now == nil:
				how = Removed
			}
			c.Records = append(c.Records, RecordChange{k.kind, k.subject, how})
		}
	}
	slices.SortStableFunc(c.Records, func(a, b RecordChange) int {
		if a.Kind != b.Kind {
			return slices.Index(recordOrder, a.Kind) - slices.Index(recordOrder, b.Kind)
		}
		return byNumber(a.Subject, b.Subject)
	})
	return c, nil
}

var recordOrder = []Kind{KindPack, KindInfo, KindTier, KindBrand, KindBase, KindSystem, KindAction, KindAside}

func (c *Changes) add(id content.ItemID, was, now Entry) {
	ch := ItemChange{ID: id, Before: was, After: now}
	var a, b Response
	if was.Item != nil {
		a = *was.Response
	}
	if now.Item != nil {
		b = *now.Response
	}
	for _, f := range []struct {
		name    Field
		differs bool
	}{
		{FieldState, was.Item == nil || now.Item == nil || was.State != now.State},
		{FieldCurrent, a.Current != b.Current || a.Inherited != b.Inherited},
		{FieldTarget, a.Target != b.Target || a.TargetReason != b.TargetReason || a.Preset != b.Preset},
		{FieldReason, a.Out != b.Out},
		{FieldPriority, a.Priority != b.Priority || a.PriorityReason != b.PriorityReason},
		{FieldEvidence, !reflect.DeepEqual(a.Evidence, b.Evidence)},
		{FieldAccepted, !reflect.DeepEqual(a.Accepted, b.Accepted)},
		{FieldOwner, a.Owner != b.Owner},
		{FieldAsked, !slices.Equal(a.Asked, b.Asked)},
		{FieldNote, a.Note != b.Note},
		{FieldConfirm, a.ToConfirm != b.ToConfirm},
	} {
		if f.differs {
			ch.Fields = append(ch.Fields, f.name)
		}
	}
	if len(ch.Fields) > 0 {
		c.Items = append(c.Items, ch)
	}
}
