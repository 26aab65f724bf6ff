package tui

import (
	"slices"
	"testing"

	"plumbline/assessment"
	"plumbline/content"
)

// opened is the worked example's first session, in the walk.
func opened(t *testing.T) (*bench, func() *assessment.Session) {
	t.Helper()
	b := start(t, exampleStore(t), 80, 24)
	b.keys("<enter>")
	if b.app.sitting.s.Info().ID != northwater {
		t.Fatal("another session comes first")
	}
	return b, func() *assessment.Session { return b.store.stored(t, northwater) }
}

func TestPlan(t *testing.T) {
	b, stored := opened(t)
	n := len(stored().Actions())
	b.keys("Ma")
	b.see("PLAN", "A-1")
	b.keys("aWrite the policy<enter>GV.OC-03/defend, PR.AA-05/secure<enter>CISO<enter>2026-12-31<enter><right><right><enter><enter>")
	list := stored().Actions()
	if len(list) != n+1 {
		t.Fatalf("%d actions, there were %d:\n%s", len(list), n, b.screen())
	}
	act := list[n]
	if act.Title != "Write the policy" || act.Owner != "CISO" || act.Due != "2026-12-31" || act.Effort != "M" || act.Status != "planned" || len(act.Items) != 2 {
		t.Errorf("the action is %+v", act)
	}
	for range n {
		b.keys("j")
	}
	b.see("WRITE THE POLICY")
	b.keys("su")
	if got := stored().Actions()[n].Status; got != "underway" {
		t.Errorf("its status is %q", got)
	}
	b.keys("ma2026-11-30 Draft, agreed<enter>aSigned<enter><up><space><esc>")
	if got := stored().Actions()[n].Milestones; len(got) != 2 || got[0] != (assessment.Milestone{Text: "Draft, agreed", Due: "2026-11-30", Done: true}) || got[1].Text != "Signed" {
		t.Errorf("its milestones are %+v", got)
	}
	b.keys("ma<enter>") // without a text it is refused, and asked for again
	b.see("not done", "Milestone of")
	b.keys("<esc>") // the list again
	b.see("Signed")
	b.keys("<esc>")
	b.keys("md<esc>")
	if got := stored().Actions()[n].Milestones; len(got) != 1 {
		t.Errorf("%d milestones after removing one", len(got))
	}
	b.keys("dn")
	if len(stored().Actions()) != n+1 {
		t.Error("removed without a yes")
	}
	b.keys("dy")
	if len(stored().Actions()) != n {
		t.Error("not removed")
	}
	b.keys("u")
	b.see("undone: action " + act.ID)
	if len(stored().Actions()) != n+1 {
		t.Error("undo does not bring it back")
	}
	b.keys("<esc>")
	if _, ok := b.app.top().(*walk); !ok {
		t.Errorf("esc leads to %T", b.app.top())
	}
}

// An action form takes no item that there is not.
func TestPlanRefusesUnknownItems(t *testing.T) {
	b, stored := opened(t)
	n := len(stored().Actions())
	b.keys("MaaTitle<enter>GV.OC-99/secure<enter>")
	b.see("no such item")
	b.keys("<esc>")
	if len(stored().Actions()) != n {
		t.Error("an action was added")
	}
}

func TestGapsBecomeActions(t *testing.T) {
	b, stored := opened(t)
	b.keys("G")
	gaps := stored().Gaps()
	b.keys("a")
	b.see(gaps[0].Item.ID.String(), gaps[0].Item.Actions[0].Text[:30]) // what the pack suggests is proposed
	b.keys("<esc><space><space>a")
	b.keys("Both at once<enter><enter><enter><enter><enter><enter>")
	acts := stored().Actions()
	if got := acts[len(acts)-1]; got.Title != "Both at once" || !slices.Equal(got.Items, []content.ItemID{gaps[0].Item.ID, gaps[1].Item.ID}) {
		t.Errorf("the action is %+v", got)
	}
	if n := len(b.app.top().(*gapList).marked); n != 0 {
		t.Errorf("%d gaps are still marked", n)
	}
}

func TestAcceptGaps(t *testing.T) {
	b, stored := opened(t)
	gaps := stored().Gaps()
	first, second := gaps[0].Item.Index, gaps[1].Item.Index
	before := len(stored().Accepted(b.app.cfg.Today()))
	b.keys("G<space><space>Atoo costly this year<enter>Board<enter><enter>")
	for _, i := range []int{first, second} {
		if acc := stored().Response(i).Accepted; acc == nil || acc.Reason != "too costly this year" || acc.Approver != "Board" || acc.Expires != "2027-11-21" {
			t.Fatalf("accepted: %+v\n%s", acc, b.screen())
		}
	}
	if n := b.app.top().(*gapList).accepted; n != before+2 {
		t.Errorf("the list counts %d accepted gaps, not %d", n, before+2)
	}
	b.keys("u") // one act
	if stored().Response(first).Accepted != nil || stored().Response(second).Accepted != nil {
		t.Error("undo leaves one accepted")
	}
	b.keys("<ctrl+r><up><up><up>A")
	b.see("Approved by Board")
	b.keys("d")
	if stored().Response(first).Accepted != nil || stored().Response(second).Accepted == nil {
		t.Error("taking one back does not leave the other")
	}
	b.keys("Awhy<enter>Board<enter>")
	for range "2027-11-21" {
		b.keys("<backspace>")
	}
	b.keys("2020-01-01<enter>")
	b.see("a day in the future")
}

// The list of gaps is narrowed to those that a person wants to see, by what was decided about them.
func TestGapFilter(t *testing.T) {
	b, _ := opened(t)
	b.keys("G")
	g := b.app.top().(*gapList)
	today := b.app.cfg.Today()
	hasAction := func(e assessment.Entry) bool { return slices.Collect(g.s.ActionsFor(e.Item.ID)) != nil }
	for state, want := range map[stateFilter]func(assessment.Entry) bool{
		notAccepted: func(e assessment.Entry) bool { return e.Known() && !e.Response.Accepted.InForce(today) },
		accepted:    func(e assessment.Entry) bool { return e.Response.Accepted.InForce(today) },
		lapsed: func(e assessment.Entry) bool {
			return e.Response.Accepted != nil && !e.Response.Accepted.InForce(today)
		},
		unrated:   func(e assessment.Entry) bool { return !e.Response.Current.Known() },
		planned:   hasAction,
		unplanned: func(e assessment.Entry) bool { return !hasAction(e) },
	} {
		var ids []content.ItemID
		for _, e := range append(g.s.Gaps(), g.s.Unknown()...) {
			if want(e) && e.Item.ID.Area == content.Secure {
				ids = append(ids, e.Item.ID)
			}
		}
		secure := content.Secure
		g.filter = filter{area: &secure, state: state}
		g.Init()
		var got []content.ItemID
		for _, r := range g.rows {
			if r.e.Item != nil {
				got = append(got, r.e.Item.ID)
			}
		}
		if !slices.Equal(got, ids) {
			t.Errorf("%s: %v, not %v", stateFilterNames[state], got, ids)
		}
	}
	g.filter = filter{}
	b.keys("f<enter><enter><enter><right><right><enter>")
	if g.filter.state != accepted || g.gaps != g.accepted || g.gaps == 0 {
		t.Errorf("the filter is %q, %d gaps of %d accepted\n%s", g.filter, g.gaps, g.accepted, b.screen())
	}
	b.see("filter: accepted")
}

func TestPriorityOverride(t *testing.T) {
	const at = "GV.SC-07/secure"
	b, stored := opened(t)
	_, i := item(t, at)
	b.keys("/" + at + "<enter>p2<enter>")
	b.see("a reason is required")
	b.keys("small exposure<enter>") // the question is still there
	if r := stored().Response(i); r.Priority != content.Moderate || r.PriorityReason != "small exposure" {
		t.Fatalf("the response is %+v", r)
	}
	b.see("Moderate priority (the draft: High)")
	b.keys("p1")
	if r := stored().Response(i); r.Priority != 0 || r.PriorityReason != "" {
		t.Errorf("back at the draft's: %+v", r)
	}
	b.keys("u")
	if stored().Response(i).Priority != content.Moderate {
		t.Error("undo does not bring it back")
	}
}

func TestSystems(t *testing.T) {
	b, stored := opened(t)
	n := len(stored().Systems())
	b.keys("Msa" + "Triage<enter>classifier<enter><right><right><enter>Acme<enter>4<enter>" +
		"<right><enter>alerts<enter>tickets<enter>staff<enter>high<enter>" + "pilot<enter>SOC<enter>red team<enter>drift<enter>UC-1<enter>")
	list := stored().Systems()
	if len(list) != n+1 {
		t.Fatalf("%d systems, there were %d:\n%s", len(list), n, b.screen())
	}
	want := assessment.System{
		ID: list[n].ID, Name: "Triage", Kind: "classifier", Sourcing: "buy", Provider: "Acme", Version: "4", Autonomy: "informs", Data: "alerts",
		Tools: "tickets", Exposure: "staff", Criticality: "high", Phase: "pilot", Owner: "SOC", PreTesting: "red team", PostTesting: "drift", UseCase: "UC-1",
	}
	if list[n] != want {
		t.Errorf("the system is %+v", list[n])
	}
	b.keys("jj<enter> 2<enter>")
	b.keys("<esc>") // dropped halfway
	if got := stored().Systems()[n]; got != want {
		t.Errorf("a dropped form changed it to %+v", got)
	}
	b.keys("dy")
	if len(stored().Systems()) != n {
		t.Error("not removed")
	}
	b.keys("u")
	if len(stored().Systems()) != n+1 {
		t.Error("undo does not bring it back")
	}
}

func TestSnapshotsAndWhatChanged(t *testing.T) {
	b, stored := opened(t)
	n := len(stored().Labels())
	b.keys("Mnabefore the audit<enter>")
	if got := stored().Labels(); len(got) != n+1 || got[n].Label != "before the audit" {
		t.Fatalf("the snapshots are %+v", got)
	}
	b.keys("aBefore the Audit<enter>") // what is refused can be put right
	b.see("is called \"before the audit\" already", "> Before the Audit")
	b.keys("<esc><enter>")
	b.see("ITEMS THAT DIFFER (0)")
	b.keys("<esc><esc>/PR.AA-05/secure<enter>3Mnj<enter>")
	b.see("ITEMS THAT DIFFER (1)", "PR.AA-05/secure", "current 1 →")
	b.keys("<esc>b")
	b.see("FROM N-1 TO N-2")
	b.keys("<esc>u")
	b.see("undone")
}

func TestTiers(t *testing.T) {
	b, stored := opened(t)
	was, _ := stored().Tier()
	b.keys("Mtc<down><enter><enter><enter>")
	if got, _ := stored().Tier(); got.Governance != was.Governance+1 || got.Management != was.Management || got.Rationale != was.Rationale {
		t.Errorf("the statement is %+v, it was %+v\n%s", got, was, b.screen())
	}
	b.keys("Mtd")
	if _, ok := stored().Tier(); ok {
		t.Error("it is not taken back")
	}
	b.keys("Mt<enter><enter>as the audit saw it<enter>")
	if got, ok := stored().Tier(); !ok || got.Governance != 1 || got.Rationale != "as the audit saw it" {
		t.Errorf("the statement is %+v", got)
	}
}

// A lock comes off with a reason, and nothing changes while it is on.
func TestLock(t *testing.T) {
	b, stored := opened(t)
	b.keys("Mksigned by the board<enter>")
	if got := stored().Info().Status; got != assessment.Locked {
		t.Fatalf("the session is %s", got)
	}
	head := stored().Head()
	for _, keys := range []string{"1", "p", "u", "Maa", "<esc>Msa", "<esc>Mna", "<esc>Mt", "Ml", "<esc>GA", "<esc>D<esc>"} {
		b.keys(keys)
		if b.app.dialog != nil {
			t.Errorf("%q opens something to type into", keys)
			b.keys("<esc>")
		}
	}
	if stored().Head() != head {
		t.Fatal("a locked session was changed")
	}
	b.keys("<esc>")
	b.keys("a") // Home does not archive it
	b.see("unlock it first")
	b.keys("M")
	b.see("unlock, with a reason")
	b.keys("k<enter>")
	b.see("a reason is required")
	b.keys("Mka slip was found<enter>1")
	if got := stored(); got.Info().Status != assessment.Open || got.Head().Seq != head.Seq+2 {
		t.Errorf("the session is %s with %d events", got.Info().Status, got.Head().Seq)
	}
}

func TestLookOfReports(t *testing.T) {
	b, stored := opened(t)
	field := func(keys string) { b.keys(keys + "<enter>") }
	b.keys("Ml")
	field("")
	field("") // organization and marking stay
	field("#1F4E79")
	field("/home/dana/crest.png")
	brand := stored().Brand()
	if brand.Accent != "#1f4e79" || brand.LogoName != "crest.png" || len(brand.Logo) == 0 {
		t.Fatalf("the look is %q, %q, %d bytes\n%s", brand.Accent, brand.LogoName, len(brand.Logo), b.screen())
	}
	b.keys("Ml<enter>2<enter><enter><enter>") // the logo stays
	if got := stored(); got.Info().Marking != "TLP:AMBER2" || got.Brand().LogoName != "crest.png" || len(got.Brand().Logo) != len(brand.Logo) {
		t.Errorf("marking %q, logo %q", got.Info().Marking, got.Brand().LogoName)
	}
	b.keys("Ml<enter><enter><enter>/missing<enter>")
	b.see("read the logo: no such file")
	b.keys("Ml<enter><enter>")
	for range "#1f4e79" {
		b.keys("<backspace>")
	}
	field("#ffcc00")
	field("")
	b.see("1.51:1")
	if stored().Brand().Accent != "#1f4e79" {
		t.Error("a color that can not be read was kept")
	}
	b.keys("u")
	b.keys("u")
	if got := stored(); got.Brand().Logo != nil || got.Info().Marking != "TLP:AMBER" {
		t.Errorf("undo leaves %q and a logo of %d bytes", got.Info().Marking, len(got.Brand().Logo))
	}
}
