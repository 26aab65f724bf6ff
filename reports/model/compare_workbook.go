package model

import (
	"plumbline/assessment"
	"plumbline/reports/wire"
)

// CompareWorkbook builds the comparison with o.Against as data: the figures of the compared items, the
// items themselves, and those that were left out, each with its reason. Without o.Against the error is
// wire.ErrNoAgainst.
func CompareWorkbook(s *assessment.Snapshot, o wire.Options) (Workbook, error) {
	b, err := newComparer(s, o)
	if err != nil {
		return Workbook{}, err
	}
	w := b.workbook("Comparison", b.shiftSheet(), b.comparedSheet(), b.leftOutSheet())
	about := &w.Sheets[0]
	about.Rows = append(about.Rows,
		[]Value{text(b.say.before), quote(b.side(b.c.Before, b.c.After))},
		[]Value{text(b.say.after), quote(b.side(b.c.After, b.c.Before))},
		[]Value{text("Left out of the figures"), text("items that are not rated and in profile in both, or that the packs do not ask in the same way; see the sheet Left out")})
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

func (b *comparer) comparedSheet() Sheet {
	sheet := Sheet{Name: "Compared", Register: true, Columns: columns("item_id", "title",
		"current_before", "current_after", "moved", "target_before", "target_after", "gap_before", "gap_after",
		"evidence_before", "evidence_after", "gap_closed", "gap_opened", "by_target")}
	gap := func(e assessment.Entry) Value {
		if !e.Known() {
			return Value{}
		}
		return whole(e.Gap())
	}
	for _, c := range b.c.Changes {
		was, is := c.Before.Response, c.After.Response
		sheet.Rows = append(sheet.Rows, []Value{
			text(c.ID.String()), text(b.title(c.ID)), levelValue(was.Current), levelValue(is.Current), whole(c.Moved()),
			levelValue(was.Target), levelValue(is.Target), gap(c.Before), gap(c.After),
			text(was.Grade().String()), text(is.Grade().String()), text(yesNo(c.Closed())), text(yesNo(c.Opened())), text(yesNo(c.ByTarget())),
		})
	}
	return sheet
}

func (b *comparer) leftOutSheet() Sheet {
	sheet := Sheet{Name: "Left out", Columns: columns("item_id", "title", "why", "state_before", "state_after")}
	state := func(e assessment.Entry) Value {
		if e.Item == nil {
			return Value{}
		}
		return text(e.State.String())
	}
	for _, l := range b.c.LeftOut {
		sheet.Rows = append(sheet.Rows, []Value{
			text(l.ID.String()), text(b.title(l.ID)), text(b.reasonWords(l.Why)), state(l.Before), state(l.After),
		})
	}
	return sheet
}
