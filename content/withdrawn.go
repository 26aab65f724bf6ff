package content

import (
	"iter"
	"strings"
	"sync"
)

// Withdrawn returns what CSF 2.0 put in the place of a Category or Subcategory that it withdrew (NIST
// CSWP 29), and whether the id is one of these. The successors are Functions, Categories and
// Subcategories; three Categories have none. What was withdrawn is never rated as its successors: they
// ask something else.
func Withdrawn(id string) (successors []string, ok bool) {
	successors, ok = withdrawn().successors[id]
	return successors, ok
}

// WithdrawnIDs yields the ids for which Withdrawn has an answer.
func WithdrawnIDs() iter.Seq[string] { return values(withdrawn().ids) }

type withdrawnIDs struct {
	ids        []string
	successors map[string][]string
}

var withdrawn = sync.OnceValue(func() withdrawnIDs {
	w := withdrawnIDs{successors: make(map[string][]string)}
	for line := range strings.Lines(strings.TrimSpace(withdrawnTable)) {
		ids := strings.Fields(line)
		w.ids = append(w.ids, ids[0])
		w.successors[ids[0]] = ids[1:]
	}
	return w
})

// withdrawnTable has a line for each id: itself, then its successors, as the Core of CSF 2.0 gives them.
const withdrawnTable = `
	ID.AM-06 GV.RR-02 GV.SC-02
	ID.BE GV.OC
	ID.BE-01 GV.OC-05
	ID.BE-02 GV.OC-01
	ID.BE-03 GV.OC-01
	ID.BE-04 GV.OC-04 GV.OC-05
	ID.BE-05 GV.OC-04
	ID.GV GV
	ID.GV-01 GV.PO GV.PO-01 GV.PO-02
	ID.GV-02 GV.RR GV.OC-02 GV.RR-02
	ID.GV-03 GV.OC-03
	ID.GV-04 GV.RM-04
	ID.RM GV.RM
	ID.RM-01 GV.RM-01 GV.RM-06 GV.RR-03
	ID.RM-02 GV.RM-02 GV.RM-04
	ID.RM-03 GV.RM-02
	ID.SC GV.SC
	ID.SC-01 GV.RM-05 GV.SC-01 GV.SC-06 GV.SC-09 GV.SC-10
	ID.SC-02 GV.OC-02 GV.SC-03 GV.SC-04 GV.SC-07 ID.RA-10
	ID.SC-03 GV.SC-05
	ID.SC-04 GV.SC-07 ID.RA-10
	ID.SC-05 GV.SC-08 ID.IM-02
	PR.AC PR.AA
	PR.AC-01 PR.AA-01 PR.AA-05
	PR.AC-02 PR.AA-06
	PR.AC-03 PR.AA-03 PR.AA-05 PR.IR-01
	PR.AC-04 PR.AA-05
	PR.AC-05 PR.IR-01
	PR.AC-06 PR.AA-02
	PR.AC-07 PR.AA-03
	PR.AT-03 PR.AT-01 PR.AT-02
	PR.AT-04 PR.AT-02
	PR.AT-05 PR.AT-02
	PR.DS-03 ID.AM-08 PR.PS-03
	PR.DS-04 PR.IR-04
	PR.DS-05 PR.DS-01 PR.DS-02 PR.DS-10
	PR.DS-06 PR.DS-01 DE.CM-09
	PR.DS-07 PR.IR-01
	PR.DS-08 ID.RA-09 DE.CM-09
	PR.IP
	PR.IP-01 PR.PS-01
	PR.IP-02 ID.AM-08 PR.PS-06
	PR.IP-03 ID.RA-07 PR.PS-01
	PR.IP-04 PR.DS-11
	PR.IP-05 PR.IR-02
	PR.IP-06 ID.AM-08
	PR.IP-07 ID.IM ID.IM-03
	PR.IP-08 ID.IM-03
	PR.IP-09 ID.IM-04
	PR.IP-10 ID.IM-02 ID.IM-04
	PR.IP-11 GV.RR-04
	PR.IP-12 ID.RA-01 PR.PS-02
	PR.MA ID.AM-08
	PR.MA-01 ID.AM-08 PR.PS-03
	PR.MA-02 ID.AM-08 PR.PS-02
	PR.PT
	PR.PT-01 PR.PS-04
	PR.PT-02 PR.DS-01 PR.PS-01
	PR.PT-03 PR.PS-01
	PR.PT-04 PR.AA-06 PR.IR-01
	PR.PT-05 PR.IR-03
	DE.AE-01 ID.AM-03
	DE.AE-05 DE.AE-08
	DE.CM-04 DE.CM-01 DE.CM-09
	DE.CM-05 DE.CM-01 DE.CM-09
	DE.CM-07 DE.CM-01 DE.CM-03 DE.CM-06 DE.CM-09
	DE.CM-08 ID.RA-01
	DE.DP
	DE.DP-01 GV.RR-02
	DE.DP-02 DE.AE
	DE.DP-03 ID.IM-02
	DE.DP-04 DE.AE-06
	DE.DP-05 ID.IM ID.IM-03
	RS.AN-01 RS.MA-02
	RS.AN-02 RS.MA-02 RS.MA-03 RS.MA-04
	RS.AN-04 RS.MA-03
	RS.AN-05 ID.RA-08
	RS.CO-01 PR.AT-01
	RS.CO-04 RS.MA-01 RS.MA-04
	RS.CO-05 RS.CO-03
	RS.IM ID.IM
	RS.IM-01 ID.IM-03 ID.IM-04
	RS.IM-02 ID.IM-03
	RS.MI-03 ID.RA-06
	RS.RP RS.MA
	RS.RP-01 RS.MA-01
	RC.CO-01 RC.CO-04
	RC.CO-02 RC.CO-04
	RC.IM ID.IM
	RC.IM-01 ID.IM-03 ID.IM-04
	RC.IM-02 ID.IM-03
`
