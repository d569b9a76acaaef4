export { type ChainmailState, ChainmailProvider, useChainmail, useClient } from './provider';
export { type ConversationState, useConversation } from './conversation';
export { type NotificationsState, useNotifications } from './notifications';
export { usePresence } from './presence';
