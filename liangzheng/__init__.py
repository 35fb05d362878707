"""亮证 Liangzheng: electronic licences in on-site administrative law enforcement."""
