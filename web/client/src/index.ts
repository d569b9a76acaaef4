export type { Answer, Api, Batch, Frames, Histogram, HistoryRange, Me, Page, Stats } from './api';
export type { Chainmail, Options, TokenNeed } from './chainmail';
export { Trouble, type TypedError } from './errors';
export type * from './generated/frames';
export type * as answers from './generated/answers';
export type * from './model';
export type { LeafEvent, PathNode, Step, Verdict } from './proof/verdict';
export type { Contradiction, SeenCheckpoint, Witness, WitnessStorage } from './proof/witness';
export type { OutboxEntry, OutboxStorage } from './storage';
