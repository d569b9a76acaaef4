import { Trouble } from '../../src/errors';

/** trouble is what a scripted API rejects with. */
export const trouble = new Trouble({ code: 'unreachable', message: 'There is no connection.', field: null, retryAfter: null, status: null });
