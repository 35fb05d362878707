/** The log-ins of the demo city, offered only when the server says that it is one. They open nothing anywhere else. */
export const DEMO_PASSWORD = 'liangzheng-demo'

export const DEMO_LOGINS = [
  { title: 'signIn.officers', logins: ['wang', 'li', 'zhao', 'sun', 'zhou', 'qian'] },
  { title: 'signIn.holders', logins: ['zhang', 'liu', 'chen', 'ma', 'haiyun', 'shunda', 'xinglan', 'lvtu'] },
] as const
