package model

import (
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// toConfirm marks what was answered before the pack changed it.
const toConfirm = "to re-confirm"

// moved tells what a migration to another pack has left to look at: answers to be re-confirmed, and
// those to what the pack no longer has. There is nothing where no session was migrated, or all was
// looked at and nothing is gone.
func (b *builder) moved() []Block {
	waiting := Table{
		ID: "to-confirm", Caption: "Answers given before the pack changed what is asked",
		Columns: []Column{{"Item", Head}, {"Priority", Short}, {"Current", Short}, {"Target", Short}, {"State", Short}, {"Ask", Long}, {"Owner", Words}},
	}
	for e := range b.s.Entries() {
		if r := e.Response; r.ToConfirm {
			waiting.Rows = append(waiting.Rows, row(b.itemCell(e, false), b.priority(e), level(r.Current), words(levelText(r.Target)),
				words(e.State.Words()), words(e.Item.Question), words(orDash(wire.Text(r.Owner)))))
		}
	}
	gone := Table{
		ID: "no-longer-in-pack", Caption: "Recorded for what is no longer in the pack",
		Columns: []Column{{"Item", Head}, {"Current", Short}, {"Target", Short}, {"What was asked", Long}, {"Evidence", Long}, {"Note", Long}, {"Plan", Short}, {"Pack", Words}},
	}
	for _, a := range b.s.Asides() {
		gone.Rows = append(gone.Rows, b.aside(a))
	}
	if len(waiting.Rows)+len(gone.Rows) == 0 {
		return nil
	}
	blocks := []Block{Heading{"To re-confirm"}}
	if len(waiting.Rows) == 0 {
		blocks = append(blocks, Para{Text: "Nothing waits to be re-confirmed."})
	} else {
		blocks = append(blocks, Para{Text: "These answers are kept and count as they were given. Rating an item again, also with the same level, confirms it."}, waiting)
	}
	if len(gone.Rows) > 0 {
		blocks = append(blocks, Heading{"No longer in the pack"},
			Para{Text: "These records are kept as they were, and count in no figure."}, gone)
	}
	return blocks
}

func (b *builder) aside(a assessment.Aside) Row {
	var current, target assessment.Rating
	var evidence, note, plan []string
	asked := wire.Text(a.Question)
	if v := a.Base; v != nil {
		current, asked = v.Current, "base rating"
		note = append(note, wire.Text(v.Note))
	}
	if r := a.Response; r != nil {
		current, target = r.Current, r.Target
		if r.Out != "" {
			note = append(note, "out of profile: "+wire.Text(r.Out))
		}
		note = append(note, wire.Text(r.Note))
		for _, v := range r.Evidence {
			evidence = append(evidence, strings.TrimSpace(v.Method.String()+" "+wire.Text(string(v.Date))+": "+wire.Text(v.Ref)))
		}
	}
	if id, err := content.ParseItemID(a.ID); err == nil {
		for act := range b.s.ActionsFor(id) {
			plan = append(plan, wire.Text(act.ID))
		}
	}
	return row(Cell{Text: wire.Text(a.ID), Sub: wire.Text(a.Title)}, level(current), words(levelText(target)), words(orDash(asked)),
		words(orDash(strings.Join(evidence, "\n"))), words(orDash(strings.Trim(strings.Join(note, "\n"), "\n"))),
		words(orDash(strings.Join(plan, "\n"))), words(wire.Text(a.Pack.String())))
}
