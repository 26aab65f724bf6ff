package intake

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plumbline/assessment"
	"plumbline/content"
	reportcsv "plumbline/reports/csv"
	"plumbline/reports/exchange"
	"plumbline/reports/model"
	"plumbline/reports/oscal"
	"plumbline/reports/wire"
	"plumbline/reports/xlsx"
)

var options = wire.Options{Version: "test", Generated: now}

// ours are the files of ours that are read back without loss of what they carry: into the session that
// they were written from, they bring nothing new.
var ours = []struct {
	kind  Kind
	write func(*bytes.Buffer, *assessment.Snapshot) error
}{
	{RegisterXLSX, func(b *bytes.Buffer, s *assessment.Snapshot) error {
		return xlsx.Write(b, model.GapWorkbook(s, options))
	}},
	{InterviewCSV, func(b *bytes.Buffer, s *assessment.Snapshot) error {
		return reportcsv.WriteSheet(b, model.InterviewRegister(s, options), ';')
	}},
	{InterviewXLSX, func(b *bytes.Buffer, s *assessment.Snapshot) error {
		return xlsx.Write(b, model.InterviewWorkbook(s, options))
	}},
	{TemplateCSV, func(b *bytes.Buffer, s *assessment.Snapshot) error {
		return reportcsv.WriteSheet(b, model.ProfileSheet(s, options), ',')
	}},
	{TemplateXLSX, func(b *bytes.Buffer, s *assessment.Snapshot) error {
		return xlsx.Write(b, model.ProfileWorkbook(s, options))
	}},
	{OSCALProfile, func(b *bytes.Buffer, s *assessment.Snapshot) error {
		return oscal.WriteProfile(b, s, options)
	}},
}

func TestOursSayTheSame(t *testing.T) {
	for i, s := range examples(t) {
		for _, o := range ours {
			t.Run(fmt.Sprint(i, o.kind), func(t *testing.T) {
				f, p := sameSession(t, s, o.write)
				if c := p.Counts; f.Kind != o.kind || c.Same == 0 && len(f.statements) > 0 || c.New+c.Changed+c.Skipped+c.Conflict+c.Unmapped > 0 {
					t.Errorf("%s", preview(p))
				}
			})
		}
	}
}

func sameSession(t *testing.T, s *assessment.Session, write func(*bytes.Buffer, *assessment.Snapshot) error) (*File, *Plan) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, s.Snapshot()); err != nil {
		t.Fatal(err)
	}
	f := read(t, "ours", b.Bytes())
	return f, planned(t, f, s, now, Choices{})
}

// The workbook carries a whole session, but for its base ratings, into another one.
func TestWorkbookRoundTrip(t *testing.T) {
	from, to := answered(t), fresh(t)
	if _, err := to.Do(assessment.Act{Who: "test", Time: now}, func(e *assessment.Edit) error {
		if err := e.Info(func(in *assessment.Info) { in.Path, in.Areas = from.Info().Path, from.Info().Areas }); err != nil {
			return err
		}
		for sub := range from.Catalog().Subcategories() {
			if b := from.Base(sub.ID); b.Current.Known() {
				if err := e.Base(sub.ID, b.Current, b.Note); err != nil {
					return err
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := xlsx.Write(&b, model.GapWorkbook(from.Snapshot(), options)); err != nil {
		t.Fatal(err)
	}
	take(t, read(t, "x.xlsx", b.Bytes()), to, now, Choices{})
	if diff := cmp.Diff(withoutUpdated(string(register(t, from, 0))), withoutUpdated(string(register(t, to, 0)))); diff != "" {
		t.Errorf("−written +read and written again:\n%s", diff)
	}
}

// What our template says of itself, of what is unknown and of the path is not read as something that
// was said of an item.
func TestTemplateAboutItselfIsNotRead(t *testing.T) {
	s := fresh(t)
	if _, err := s.Do(assessment.Act{Who: "test", Time: now}, func(e *assessment.Edit) error {
		if err := e.Info(func(in *assessment.Info) { in.Path, in.Marking = assessment.Quick, "TLP:AMBER" }); err != nil {
			return err
		}
		return e.Tier(assessment.TierStatement{Governance: 2, Management: 1, Rationale: "stated"})
	}); err != nil {
		t.Fatal(err)
	}
	for _, o := range ours[3:5] {
		var b bytes.Buffer
		if err := o.write(&b, s.Snapshot()); err != nil {
			t.Fatal(err)
		}
		f := read(t, "x", b.Bytes())
		if f.Kind != o.kind || len(f.Problems()) > 0 {
			t.Errorf("%s: %s", f.Kind, problems(f.Problems()))
		}
		for _, st := range f.statements {
			if _, ok := st.claim.(priorityClaim); !ok {
				t.Errorf("%s: %v %q", st.place, st.about, st.claim.says())
			}
		}
	}
	// A person's own words beside ours are read.
	sheet := model.ProfileSheet(s.Snapshot(), options)
	for _, row := range sheet.Rows {
		if strings.HasPrefix(row[3].Text, "Not assessed on this path: ") {
			row[3].Text = strings.Replace(row[3].Text, "\n", "\nAsk again in spring\n", 1)
			var b bytes.Buffer
			if err := reportcsv.WriteSheet(&b, sheet, ','); err != nil {
				t.Fatal(err)
			}
			for _, st := range read(t, "x", b.Bytes()).statements {
				if r, ok := st.claim.(remarkClaim); ok && r.text == "Ask again in spring" && st.about == ofWhole(row[0].Text) {
					return
				}
			}
			t.Fatalf("%s: what stands beside our words was lost", row[0].Text)
		}
	}
	t.Error("the path covers everything")
}

// The template and the OSCAL profile carry what they have a place for.
func TestProfilesRoundTrip(t *testing.T) {
	from := answered(t)
	for _, o := range ours[3:] {
		to := fresh(t)
		var b bytes.Buffer
		if err := o.write(&b, from.Snapshot()); err != nil {
			t.Fatal(err)
		}
		take(t, read(t, "x", b.Bytes()), to, now, Choices{})
		n := 0
		for e := range from.Entries() {
			got, want := to.Response(e.Item.Index), e.Response
			if !e.State.InProfile() {
				continue
			}
			n++
			if got.Target != want.Target || got.TargetReason != want.TargetReason {
				t.Errorf("%s, %v: target %v %q, not %v %q", o.kind, e.Item.ID, got.Target, got.TargetReason, want.Target, want.TargetReason)
			}
			if o.kind != OSCALProfile && (got.Current != want.Current || got.Owner != want.Owner || got.Priority != want.Priority || len(got.Evidence) != len(want.Evidence) || got.Note != want.Note) {
				t.Errorf("%s, %v: %+v, not %+v", o.kind, e.Item.ID, got, want)
			}
		}
		if n == 0 {
			t.Error("nothing is in profile")
		}
	}
}

// A .csfp file of ours brings nothing new into the session that it was written from, and everything that
// it has a place for into another one.
func TestCSFPSaysTheSame(t *testing.T) {
	for i, from := range examples(t) {
		for _, area := range []*content.Area{nil, new(content.Secure), new(content.Defend), new(content.Thwart)} {
			o := options
			o.Area = area
			var b bytes.Buffer
			if err := exchange.WriteCSFP(&b, from.Snapshot(), o); err != nil {
				t.Fatal(err)
			}
			f := read(t, "x.csfp", b.Bytes())
			p := planned(t, f, from, now, Choices{Area: area})
			if c := p.Counts; c.New+c.Changed+c.Skipped+c.Conflict+c.Unmapped > 0 {
				t.Errorf("session %d, %v: %s", i, area, preview(p))
			}
			to := fresh(t)
			if p, _ := take(t, f, to, now, Choices{Area: area}); p.Counts.Skipped > 0 {
				t.Errorf("session %d, %v, into another one: %s", i, area, problems(p.Problems))
			}
			if area == nil {
				for sub := range from.Catalog().Subcategories() {
					if got, want := to.Base(sub.ID).Note, from.Base(sub.ID).Note; got != want {
						t.Errorf("%s: note %q, not %q", sub.ID, got, want)
					}
				}
				continue
			}
			for e := range from.Entries() {
				got, want := to.Response(e.Item.Index), e.Response
				if e.Item.ID.Area != *area || e.State != assessment.Rated {
					continue
				}
				if got.Note != want.Note || got.TargetReason != want.TargetReason || got.Priority != want.Priority ||
					got.PriorityReason != want.PriorityReason || len(got.Evidence) != len(want.Evidence) || (got.Accepted == nil) != (want.Accepted == nil) {
					t.Errorf("%v: %+v, not %+v", e.Item.ID, got, want)
				}
			}
		}
	}
}

// What somebody wrote around our lines in the other tool is read.
func TestCSFPKeepsWhatOthersWrote(t *testing.T) {
	s := answered(t)
	o := options
	o.Area = new(content.Secure)
	var b bytes.Buffer
	if err := exchange.WriteCSFP(&b, s.Snapshot(), o); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(b.String(), `"notes": "`, `"notes": "Asked again\n`, 1)
	text = strings.Replace(text, `",
      "evidenceRefs"`, `\nMet in December",
      "evidenceRefs"`, 1)
	p := planned(t, read(t, "x.csfp", []byte(text)), s, now, Choices{Area: o.Area})
	if got := preview(p); !strings.Contains(got, "note: – -> Asked again Met in December\n") {
		t.Error(got)
	}
}

// The files for other tools bring their ratings back, as base ratings or for the Focus Area that they
// were written for.
func TestExchangeRoundTrip(t *testing.T) {
	from := answered(t)
	secure := content.Secure
	for _, area := range []*content.Area{nil, &secure} {
		o := options
		o.Area = area
		for kind, write := range map[Kind]func(*bytes.Buffer) error{
			CSFP: func(b *bytes.Buffer) error { return exchange.WriteCSFP(b, from.Snapshot(), o) },
			CSFA: func(b *bytes.Buffer) error { return exchange.WriteCSFA(b, from.Snapshot(), o) },
		} {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			f, to := read(t, "x", b.Bytes()), fresh(t)
			c := Choices{Area: area}
			if kind == CSFA {
				m := make(Mapping)
				for _, v := range f.Scales[0].Values {
					m[v.Text] = rating(int(v.Text[0] - '1')) // our levels, one higher
				}
				c.Map = map[string]Mapping{csfaScale: m}
			}
			p, _ := take(t, f, to, now, c)
			if f.Kind != kind || p.Counts.Skipped+p.Counts.Conflict+p.Counts.Unmapped > 0 {
				t.Errorf("%s: %+v\n%s", f.Kind, p.Counts, problems(p.Problems))
			}
			known := 0
			for sub := range from.Catalog().Subcategories() {
				got, want := to.Base(sub.ID).Current, from.Base(sub.ID).Current
				if area != nil {
					i, _ := from.Catalog().Index(content.ItemID{Sub: sub.ID, Area: *area})
					got, want = to.Response(i).Current, assessment.Unrated
					if e := from.Entry(i); e.State == assessment.Rated {
						want = e.Response.Current
					}
				}
				if want.Known() {
					known++
				}
				if got != want {
					t.Errorf("%s, %s: %v, not %v", kind, sub.ID, got, want)
				}
			}
			if known == 0 {
				t.Errorf("%s: nothing is rated", kind)
			}
		}
	}
	var b bytes.Buffer
	if err := exchange.WriteCISO(&b, from.Snapshot(), options); err != nil {
		t.Fatal(err)
	}
	f := read(t, "x", b.Bytes())
	if f.Kind != CISOCSV || len(f.Scales) != 1 || len(f.Scales[0].Proposal()) != len(f.Scales[0].Values) || len(f.Problems()) > 0 {
		t.Errorf("%s: %+v\n%s", f.Kind, f.Scales, problems(f.Problems()))
	}
}
