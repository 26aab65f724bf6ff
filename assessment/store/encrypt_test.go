package store

import (
	"testing"
)

// What holds of a store holds of a sealed one. The tests that are not here look at the bytes of a plain
// file, or at no store at all.
func TestSealed(t *testing.T) {
	if sealTests {
		t.Fatal("run as a child")
	}
	sealTests = true
	defer func() { sealTests = false }()
	for name, test := range map[string]func(*testing.T){
		"Apply":                    TestApply,
		"SessionsNewestChange":     TestSessionsNewestChangeFirst,
		"ApplyRepeats":             TestApplyRepeats,
		"RepeatWritesNothing":      TestApplyRepeatWritesNothing,
		"ApplyConflict":            TestApplyConflict,
		"ApplyRefuses":             TestApplyRefusesGapsAndStrangers,
		"Place":                    TestPlace,
		"Close":                    TestClose,
		"Modes":                    TestModes,
		"Symlink":                  TestSymlink,
		"OddPaths":                 TestOddPaths,
		"Refused":                  TestRefused,
		"RefusalNamesBackup":       TestRefusalNamesBackup,
		"RottenPages":              TestRottenPages,
		"CheckNoticesRot":          TestCheckNoticesRot,
		"SessionsListsReadable":    TestSessionsListsTheReadable,
		"FaultWhileOpen":           TestFaultWhileOpen,
		"StopsAfterFailedWrite":    TestStopsAfterFailedWrite,
		"ReopenWithoutNeed":        TestReopenWithoutNeed,
		"ReopenMissesSavedAnswers": TestReopenMissesSavedAnswers,
		"ReadOnly":                 TestReadOnly,
		"BusyWithin":               TestBusyWithin,
		"AdmitReplaced":            TestAdmitReplaced,
		"Recent":                   TestRecentIsTheBeginningOfSessions,
		"RecentIsLimited":          TestRecentIsLimited,
		"DailyBackup":              TestDailyBackup,
		"WrittenBy":                TestWrittenBy,
		"WarnsOfSharedFolder":      TestWarnsOfSharedFolder,
		"DailyBackupFails":         TestDailyBackupFails,
		"Prune":                    TestPrune,
		"BackupOpens":              TestBackupOpens,
		"VerifyCopy":               TestVerifyCopy,
		"Delete":                   TestDelete,
		"DeleteNeedsBackup":        TestDeleteNeedsBackup,
		"DeleteTriesAgain":         TestDeleteTriesAgain,
		"Busy":                     TestBusy,
		"Kill":                     TestKill,
	} {
		t.Run(name, test)
	}
}
