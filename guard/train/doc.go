// Package train makes the model of the guard's text classifier from labelled messages, and says how good it is.
//
// The model is a logistic regression for each kind of bad message (fraud: spam and scams; abuse; injection) against the benign ones, over the features of
// package guard. Every feature is scaled by how unevenly it is spread over the two sides before the regression weighs it (Wang and Manning, "Baselines and
// Bigrams", 2012). Heads of their own let each kind have its own threshold: a label that is wrong among posts on crypto costs nothing where insults are judged.
//
// Training is deterministic: the same messages in the same order give the same bytes, with no random numbers. It takes about half a minute of one core.
package train
