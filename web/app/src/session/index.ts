export { SessionProvider, type SessionFace, useMe, useSession } from './SessionProvider';
