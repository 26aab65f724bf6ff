package model

import (
	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// CompareWorkbook builds the comparison with o.Against as data: the figures of the compared items, and the
// items themselves, with those that were left out, each with its reason. Without o.Against the error is
// wire.ErrNoAgainst.
func CompareWorkbook(s *assessment.Snapshot, o wire.Options) (Workbook, error) {
	b, err := newComparer(s, o)
	if err != nil {
		return Workbook{}, err
	}
	w := b.workbook("Comparison", b.shiftSheet(), b.itemsSheet())
	about := &w.Sheets[0]
	about.Rows = append(about.Rows,
		[]Value{text(b.say.before), quote(b.side(b.c.Before, b.c.After))},
		[]Value{text(b.say.after), quote(b.side(b.c.After, b.c.Before))},
		[]Value{text("Left out of the figures"), text("items that are not rated and in profile in both, or that the packs do not ask in the same way; in the sheet Items their column why says which")})
	w.Marking = b.marking()
	return w, nil
}

func (b *comparer) shiftSheet() Sheet {
	sheet := Sheet{Name: "Summary", Columns: columns("focus_area", "compared", "up", "down", "same", "targets_changed", "evidence_stronger", "evidence_weaker",
		"before_0", "before_1", "before_2", "before_3", "after_0", "after_1", "after_2", "after_3",
		"targeted_in_both", "gaps_closed", "gaps_opened", "attainment_before", "attainment_at_old_targets", "attainment_after")}
	for _, p := range b.parts() {
		n := p.n
		row := []Value{text(p.name), whole(n.Items), whole(n.Up), whole(n.Down), whole(n.Same), whole(n.Retargeted), whole(n.Stronger), whole(n.Weaker)}
		for _, side := range n.Levels {
			for _, v := range side {
				row = append(row, whole(v))
			}
		}
		row = append(row, whole(n.Paired), whole(n.Closed), whole(n.Opened),
			text(fractionText(n.Was)), text(fractionText(n.Rerated)), text(fractionText(n.Is)))
		for i := range row {
			row[i].Strong = p.strong
		}
		sheet.Rows = append(sheet.Rows, row)
	}
	return sheet
}

// itemsSheet is the register: all compared items in Core order, then all that were left out, which have a
// reason in why and nothing in the columns that compare. Every row names both states by their journal
// heads, so that the one sheet can stand alone.
func (b *comparer) itemsSheet() Sheet {
	sheet := Sheet{Name: "Items", Register: true, Columns: columns("item_id", "title", "why",
		"state_before", "state_after", "current_before", "current_after", "moved", "target_before", "target_after", "gap_before", "gap_after",
		"evidence_before", "evidence_after", "gap_closed", "gap_opened", "by_target", "before_head", "after_head")}
	add := func(id content.ItemID, why string, before, after assessment.Entry, moved, closed, opened, byTarget Value) {
		was, is := sideCells(before), sideCells(after)
		sheet.Rows = append(sheet.Rows, []Value{
			text(id.String()), text(b.title(id)), text(why), was.state, is.state, was.current, is.current, moved,
			was.target, is.target, was.gap, is.gap, was.evidence, is.evidence, closed, opened, byTarget,
			text(b.c.Before.Head().String()), text(b.c.After.Head().String()),
		})
	}
	for _, c := range b.c.Changes {
		add(c.ID, "", c.Before, c.After, whole(c.Moved()), text(yesNo(c.Closed())), text(yesNo(c.Opened())), text(yesNo(c.ByTarget())))
	}
	for _, l := range b.c.LeftOut {
		add(l.ID, b.reasonWords(l.Why), l.Before, l.After, Value{}, Value{}, Value{}, Value{})
	}
	return sheet
}

// sideCell is what a comparison shows of an item in one of the states.
type sideCell struct{ state, current, target, gap, evidence Value }

// sideCells are the cells of an item; empty where the pack of that state does not have it.
func sideCells(e assessment.Entry) sideCell {
	if e.Item == nil {
		return sideCell{}
	}
	r := e.Response
	c := sideCell{text(e.State.String()), levelValue(r.Current), levelValue(r.Target), Value{}, text(r.Grade().String())}
	if e.State.InProfile() && e.Known() {
		c.gap = whole(e.Gap())
	}
	return c
}
