package assessment

// OSCALNamespace marks the props in OSCAL that are Plumbline's own. It is a name: nothing is ever fetched
// from there.
const OSCALNamespace = "https://plumbline.invalid/ns/oscal"

// TemplateSheet is the name of the sheet of NIST's Organizational Profile template for CSF 2.0.
const TemplateSheet = "Current and Target Profile"

// What is written into that template besides the answers. Each begins a cell, or what a cell says of a
// Focus Area. The import knows by them what is no text of people.
const (
	TemplateAbout       = "About this file:"                                 // the note of the first Function
	TemplateTier        = "Stated today, not a target: "                     // the Tier statement of a Function
	TemplateNotAssessed = "Not assessed on this path: "                      // the rationale of what has no item in profile
	TemplateControls    = "SP 800-53 Rev. 5: "                               // both columns of references
	TemplateInherited   = "the rating is inherited from the base rating of " // the note of an item, before the Subcategory
	TemplateProposed    = "the draft proposes the priority "                 // the note of an item, before the priority and why it has another
)

// What is written into a .csfp or .csfa file besides the answers. ExchangeTaken begins a line about the
// whole file. The others begin a line of the notes of a Subcategory, after the first of which alone the
// reader of .csfp knows that the file is ours.
const (
	ExchangeTaken    = "Ratings taken: " // before which ones
	ExchangeArea     = "Focus Area "     // of these, before the label
	ExchangeOutside  = "not rated here: its priority is outside the path of the session"
	ExchangePriority = "priority: " // before "1 High", and where the draft has another, "; " + TemplateProposed …
	ExchangeReason   = "why this target: "
	ExchangeAccepted = "accepted gap: " // before the reason
	ExchangeApprover = "; approved by "
	ExchangeExpires  = "; expires "
)
