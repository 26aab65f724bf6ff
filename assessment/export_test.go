package assessment

// What the tests of the package's outside need of its inside.

// Chain numbers and links an event as Do does.
func Chain(e Event, head Head) (Event, Head, error) { return chain(e, head) }
