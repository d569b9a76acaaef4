package sealer

// UntilWoken is what Step returns when there is nothing to do.
const UntilWoken = untilWoken

// Step lets a test take the steps that Run takes.
var Step = (*Sealer).step
